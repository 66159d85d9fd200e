import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import fastify from 'fastify';
import t from 'tap';
import { openStore } from '../adapters/store/store.ts';
import type { Intent } from '../domain/intent.ts';
import { ForgeUnderTest } from '../embedded/forge/testing/forge-under-test.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { intentOf } from './intents.ts';
import { createReceiver } from './receiver.ts';

const secret = 'the secret of this webhook';

t.test('what a forge delivers is received and understood', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-deliveries-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const store = await openStore(pathToFileURL(join(directory, 'store.sqlite')).href);
  t.teardown(() => store.close());
  const server = fastify({ forceCloseConnections: true });
  const dispatcher = { wake: async () => undefined };
  await server.register(
    createReceiver({ secrets: [secret], deliveries: store.deliveries, dispatcher, metrics: createMetrics() }),
  );
  t.teardown(() => server.close());
  const url = `${await server.listen({ host: '127.0.0.1', port: 0 })}/webhooks/github`;

  const at = await ForgeUnderTest.start(t);
  const config = { url, content_type: 'json', secret };
  await at.repo('POST', '/hooks', { config, events: ['push', 'pull_request', 'issue_comment'] });
  const { number } = await at.openPull(await at.clone(), 'change', { 'a.yaml': 'a: 1\n' });
  await at.repo('POST', `/issues/${number}/comments`, { body: 'once more\n/retest' });
  await at.repo('PUT', `/pulls/${number}/merge`, {});

  const intents = async () => (await store.deliveries.pending(100)).map((delivery) => said(intentOf(delivery)));
  const expected = [
    'ignore: a ping: the webhook reaches Fairway',
    'roll-out change',
    'roll-out dev',
    'verify #1 again',
    'verify #1',
    'verify #1',
  ];
  const deadline = AbortSignal.timeout(20_000);
  while ((await intents()).length < expected.length && !deadline.aborted) await sleep(20);
  t.same((await intents()).sort(), expected.sort());
});

function said(intent: Intent): string {
  switch (intent.intent) {
    case 'verify':
      return `verify #${intent.pullRequest}${intent.again === undefined ? '' : ' again'}`;
    case 'roll-out':
      return `roll-out ${intent.branch}`;
    case 'ignore':
      return `ignore: ${intent.reason}`;
    default:
      return intent.intent;
  }
}
