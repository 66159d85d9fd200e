import type { FastifyRequest } from 'fastify';

/** Whose page made the browser send a request; `untold` by programs, and never by a browser that changes something. */
export type PageOrigin = 'ours' | 'foreign' | 'untold';

/** `publicUrl`: where people reach us, if that isn't what the Host header says. */
export function pageOrigin({ headers }: Pick<FastifyRequest, 'headers'>, publicUrl: string | undefined): PageOrigin {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' ? 'ours' : 'foreign';
  // Browsers leave it out where we are reached without TLS, and old ones always do.
  const told = headers.origin ?? headers.referer;
  if (told === undefined) return 'untold';
  const page = URL.parse(told);
  if (!page || !/^https?:$/.test(page.protocol)) return 'foreign';
  const known = publicUrl === undefined ? undefined : new URL(publicUrl).origin;
  return page.origin === known || page.host === headers.host ? 'ours' : 'foreign';
}
