/** Each may do what the ones before it may. */
export const roles = ['viewer', 'operator', 'administrator'] as const;

export type Role = (typeof roles)[number];

export interface Identity {
  user: string;
  role: Role;
}

export interface KnownUser extends Identity {
  /** Stands for the user's present token, and can't be used in its place. A session ends when it is nobody's any more. */
  credential: string;
}

export interface Authentication {
  /** Who a token belongs to; undefined for one that is nobody's. */
  byToken(token: string): Promise<KnownUser | undefined>;
  /** Who it is now, and what that one may do now; undefined when the token was changed or its user removed. */
  byCredential(credential: string): Promise<KnownUser | undefined>;
}
