import { createHmac, timingSafeEqual } from 'node:crypto';
import { FairwayError } from '../domain/errors.ts';

const shortest = 16;

/** Refuses secrets that can be guessed: there is no default one. */
export function requireSecrets(secrets: readonly string[]): void {
  if (secrets.length === 0) {
    throw new FairwayError(
      'refused',
      `no webhook secret is set: put a random text of at least ${shortest} characters into FAIRWAY_WEBHOOK_SECRET and into the forge's webhook`,
    );
  }
  const short = secrets.findIndex((secret) => secret.length < shortest);
  if (short < 0) return;
  throw new FairwayError(
    'refused',
    `FAIRWAY_WEBHOOK_SECRET: secret ${short + 1} of ${secrets.length} has ${secrets[short]?.length} characters; it needs at least ${shortest}`,
  );
}

/** Whether `sha256=…` is the HMAC of the bytes under any of the secrets; takes the same time wherever they differ. */
export function isSigned(bytes: Uint8Array, signature: string, secrets: readonly string[]): boolean {
  const given = Buffer.from(signature);
  const matches = secrets.map((secret) => {
    const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`);
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
  return matches.includes(true);
}

const form = /^sha256=[0-9a-f]{64}$/i;

/** Whether the header has the form of a signature at all. */
export function isSignature(header: string): boolean {
  return form.test(header);
}
