import type { App } from './app.ts';

/** For all answers; pages say what they may do besides. What the API answers is for its caller alone, and is not kept. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

export function sendSecurityHeaders(app: App): void {
  app.addHook('onRequest', async (_request, reply) => void reply.headers(securityHeaders));
}
