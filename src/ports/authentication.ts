/** Each may do what the ones before it may. */
export const roles = ['viewer', 'operator', 'administrator'] as const;

export type Role = (typeof roles)[number];

export interface Identity {
  user: string;
  role: Role;
}

/** Who a bearer token belongs to; undefined for a token that is none. Without a token: what everyone may, or undefined for nothing. */
export type Authenticate = (token: string | undefined) => Promise<Identity | undefined>;
