import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { FairwayError } from '../domain/errors.ts';
import type { App } from './app.ts';

/** Scripts and styles are files of ours; none stands in a page. */
const pagePolicy = [
  "default-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

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
    dotfiles: 'ignore',
    setHeaders(reply, path) {
      // Files under assets carry a hash of their content in their name.
      const lasting = path.startsWith(join(directory, 'assets'));
      reply.header('cache-control', lasting ? 'public, max-age=31536000, immutable' : 'no-cache');
      reply.header('content-security-policy', pagePolicy);
    },
  });
  // The pages' own addresses, which the script in index.html reads.
  for (const path of ['/login', '/runs/*', '/channels', '/clusters']) {
    app.get(path, (_request, reply) => reply.sendFile('index.html'));
  }
}
