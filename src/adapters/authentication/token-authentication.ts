import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { type Authentication, type KnownUser, roles } from '../../ports/authentication.ts';

/** Someone who may use the API. Only the token's SHA-256 is kept, in hexadecimal. */
export const tokenUser = z.strictObject({
  user: z.string().min(1),
  role: z.enum(roles),
  tokenSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'write the SHA-256 of the token in hexadecimal: printf %s TOKEN | sha256sum'),
});

export type TokenUser = z.infer<typeof tokenUser>;

export function tokenSha256(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Knows people and programs by their tokens, as `users` has them at that moment; takes the same time whoever it is. */
export function tokenAuthentication(users: () => Promise<readonly TokenUser[]>): Authentication {
  return {
    async byToken(token) {
      const digest = createHash('sha256').update(token).digest();
      const matches = (await users()).filter((user) => timingSafeEqual(Buffer.from(user.tokenSha256, 'hex'), digest));
      return token === '' ? undefined : matches.map(toKnownUser)[0];
    },
    async byCredential(credential) {
      return (await users()).map(toKnownUser).find((user) => user.credential === credential);
    },
  };
}

function toKnownUser({ user, role, tokenSha256 }: TokenUser): KnownUser {
  const credential = createHash('sha256').update(`session of Fairway\0${user}\0${tokenSha256}`).digest('hex');
  return { user, role, credential };
}
