import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { cluster } from '../domain/cluster.ts';
import { sampleRun } from './testing/sample-run.ts';
import { prepareSchemathesis } from './testing/schemathesis.ts';
import { startServer } from './testing/server-under-test.ts';

t.setTimeout(600_000);

const operation = z.object({
  requestBody: z.object({ required: z.boolean() }).optional(),
  responses: z.record(
    z.string(),
    z.object({ description: z.string().min(1), content: z.record(z.string(), z.object({ schema: z.json() })) }),
  ),
});
const document = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), operation)),
});

t.test('the description names every answer, and refers to nothing that is not there', async (t) => {
  const { call } = await startServer(t);
  const { body, text } = await call('/api/openapi.json');
  for (const [, reference = ''] of text.matchAll(/"\$ref":\s*"([^"]*)"/g)) {
    const found = reference
      .slice(2)
      .split('/')
      .reduce((at, name) => at?.[name], body);
    t.ok(reference.startsWith('#/') && found !== undefined, reference);
  }
  const { paths } = document.parse(body);
  const answersOf = (path: string, method: string) => Object.keys(paths[path]?.[method]?.responses ?? {}).join(' ');
  t.equal(answersOf('/api/v1/me', 'get'), '200 400 401 408 421 429 431 500 503');
  t.equal(answersOf('/api/v1/runs/{id}', 'get'), '200 400 401 404 408 414 421 429 431 500 503');
  const cancel = '202 400 401 403 404 408 409 413 414 415 421 429 431 500 503';
  t.equal(answersOf('/api/v1/runs/{id}/cancel', 'post'), cancel);
  t.equal(paths['/api/v1/runs/{id}/cancel']?.post?.requestBody?.required, false);
  t.equal(paths['/registry/kubernetes-clusters/{id}']?.put?.requestBody?.required, true);
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { responses }] of Object.entries(methods)) {
      for (const [status, { content }] of Object.entries(responses)) {
        const refused = Number(status) >= 400;
        t.equal('application/problem+json' in content, refused, `${method} ${path}: ${status}`);
      }
    }
  }
});

t.test('whatever is sent, the API answers as it describes itself', async (t) => {
  const schemathesis = await prepareSchemathesis();
  if (schemathesis.outcome === 'missing') {
    t.comment(`SKIPPED: schemathesis can't be installed from PyPI with python3: ${schemathesis.why}`);
    return;
  }
  const { url, operations } = await serverWithSomethingInIt(t);
  // It leaves notes where it runs.
  const cwd = await mkdtemp(join(tmpdir(), 'fairway-schemathesis-'));
  t.teardown(() => rm(cwd, { recursive: true, force: true }));
  const config = fileURLToPath(new URL('testing/schemathesis.toml', import.meta.url));
  const authorization = 'Authorization: Bearer token-of-administrator';
  // In several threads, Python 3.11 sometimes fails to compile what hypothesis describes itself by.
  const [examples, seconds, workers] = ['5', '20', '1'];
  const { exitCode, all } = await execa(
    schemathesis.python,
    [
      ...['-m', 'schemathesis.cli', '--config-file', config, 'run', `${url}/api/openapi.json`],
      ...['--header', authorization, '--phases', 'examples,coverage,fuzzing'],
      ...['--max-examples', examples, '--seed', '1', '--request-timeout', seconds, '--workers', workers, '--no-color'],
    ],
    { reject: false, all: true, timeout: 500_000, cwd },
  );
  if (exitCode !== 0) t.comment(all.slice(-12_000));
  t.equal(exitCode, 0, 'schemathesis finds nothing');
  t.match(all, `Tested: ${operations}\n`, 'all operations were tried');
});

/** With what the paths of schemathesis.toml name. */
async function serverWithSomethingInIt(t: Test): Promise<{ url: string; operations: number }> {
  const { url, store, artifacts, call } = await startServer(t);
  await store.runs.create(sampleRun('r1', { status: 'failed' }));
  await store.runs.appendLog('r1', [{ at: 1, stage: 'render', text: 'a line' }]);
  await artifacts.put('r1', 'diff.json', '{}');
  await store.channels.claim({
    repository: 'acme/config',
    channel: 'dev',
    branch: 'dev',
    runId: 'r1',
    sha: 'a'.repeat(40),
  });
  const named = { id: 'r1', alias: 'r1', local_id: 'r1', channel: 'dev', provider: 'local', api_server_url: '' };
  await store.clusters.put(cluster.parse(named));
  await store.deliveries.receive({ id: 'd1', event: 'push', payload: '{}', receivedAt: 5 });
  await store.audit.append({ at: 1, actor: 'jane', action: 'run.cancel', subject: 'r1', detail: '' });
  const { paths } = document.parse((await call('/api/openapi.json')).body);
  return { url, operations: Object.values(paths).flatMap((methods) => Object.keys(methods)).length };
}
