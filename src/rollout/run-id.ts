import { createHash } from 'node:crypto';

/** A run's id follows from what it is about, so that asking twice is asking for the same run. A DNS label of at most 40 characters. */
export function runId(prefix: string, ...about: (string | undefined)[]): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(about.map((part) => part ?? null)))
    .digest('hex')
    .slice(0, 10);
  return `${prefix
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 28)}-${digest}`;
}
