import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { FairwayError } from '../domain/errors.ts';
import type { App } from './app.ts';

const pagePolicy =
  "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/** The web pages. They hold no data; they ask the API for it with the reader's own session. */
export function pages(app: App, directory: string): void {
  if (!existsSync(join(directory, 'index.html'))) {
    throw new FairwayError(
      'missing',
      `the web pages are not built: there is no index.html in ${directory}; in a checkout, node scripts/prepare.js builds them`,
    );
  }
  app.register(fastifyStatic, {
    root: directory,
    cacheControl: false,
    setHeaders(reply, path) {
      // Files under assets carry a hash of their content in their name.
      const lasting = path.startsWith(join(directory, 'assets'));
      reply.header('cache-control', lasting ? 'public, max-age=31536000, immutable' : 'no-cache');
      reply.header('content-security-policy', pagePolicy);
      reply.header('x-content-type-options', 'nosniff');
    },
  });
  // The pages' own addresses, which the script in index.html reads.
  for (const path of ['/login', '/runs/*', '/channels', '/clusters']) {
    app.get(path, (_request, reply) => reply.sendFile('index.html'));
  }
}
