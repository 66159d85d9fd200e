import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { type Authenticate, roles } from '../../ports/authentication.ts';

/** Someone who may use the API. Only the token's SHA-256 is kept, in hexadecimal. */
export const tokenUser = z.strictObject({
  user: z.string().min(1),
  role: z.enum(roles),
  tokenSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'write the SHA-256 of the token in hexadecimal: printf %s TOKEN | sha256sum'),
});

export type TokenUser = z.infer<typeof tokenUser>;

/** The file that FAIRWAY_USERS_FILE names. */
export const usersFile = z.strictObject({ users: z.array(tokenUser).min(1) });

export function tokenSha256(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Knows people and programs by their tokens; takes the same time whoever it is. */
export function tokenAuthentication(users: readonly TokenUser[]): Authenticate {
  const known = users.map(({ user, role, tokenSha256 }) => ({ user, role, digest: Buffer.from(tokenSha256, 'hex') }));
  return async (token) => {
    const digest = createHash('sha256')
      .update(token ?? '')
      .digest();
    const matches = known.filter((candidate) => timingSafeEqual(candidate.digest, digest));
    const [found] = token === undefined ? [] : matches;
    return found && { user: found.user, role: found.role };
  };
}
