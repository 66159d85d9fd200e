import { extname } from 'node:path';
import { z } from 'zod';
import { FairwayError } from '../domain/errors.ts';
import type { Artifacts } from '../ports/artifacts.ts';
import type { Store } from '../ports/store.ts';
import type { App } from './app.ts';
import { mediaOf } from './openapi.ts';
import { requireRun } from './run-routes.ts';

const tags = ['runs'];
const otherType = 'application/octet-stream';
const mediaTypes: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.md': 'text/markdown; charset=utf-8',
  '.xml': 'application/xml',
  '.log': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.yaml': 'text/plain; charset=utf-8',
};

export function artifactRoutes(
  app: App,
  { store, artifacts }: { store: Pick<Store, 'runs'>; artifacts: Artifacts },
): void {
  const items = z.object({ items: z.array(z.object({ name: z.string(), bytes: z.number() })) });
  const list = {
    tags,
    summary: 'Files that a run left',
    params: z.object({ id: z.string() }),
    response: { 200: items },
  };
  app.get('/runs/:id/artifacts', { schema: list }, async ({ params: { id } }) => {
    await requireRun(store, id);
    return { items: await artifacts.list(id) };
  });

  const types = [...Object.values(mediaTypes), otherType].map((type) => type.split(';', 1)[0] ?? type);
  const one = {
    tags,
    summary: 'One of these files',
    params: z.object({ id: z.string(), name: z.string() }),
    response: { 200: mediaOf('the file', ...types) },
  };
  app.get('/runs/:id/artifacts/:name', { schema: one }, async ({ params: { id, name } }, reply) => {
    await requireRun(store, id);
    const file = await artifacts.open(id, name);
    if (!file) throw new FairwayError('missing', `the run ${id} has no artifact ${name}`);
    // The code under test wrote it: a browser must not take it for one of our pages.
    return reply
      .type(mediaTypes[extname(name)] ?? otherType)
      .headers({
        'content-length': file.bytes,
        'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
      })
      .send(file.stream);
  });
}
