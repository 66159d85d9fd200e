import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fastify from 'fastify';
import t, { type Test } from 'tap';
import { openStore } from '../adapters/store/store.ts';
import { FairwayError } from '../domain/errors.ts';
import type { Dispatcher, Wakeup } from '../ports/dispatcher.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { createReceiver } from './receiver.ts';
import { announceBody } from './testing/announce-body.ts';

const secret = 'the webhook secret of today';
const older = 'the webhook secret of yesterday';

async function listening(t: Test, dispatcher?: Dispatcher) {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-receiver-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const store = await openStore(pathToFileURL(join(directory, 'store.sqlite')).href);
  t.teardown(() => store.close());
  const woken: Wakeup[] = [];
  const metrics = createMetrics();
  const server = fastify({ forceCloseConnections: true });
  await server.register(
    createReceiver({
      secrets: [secret, older],
      deliveries: store.deliveries,
      dispatcher: dispatcher ?? { wake: async (wakeup) => void woken.push(wakeup) },
      metrics,
    }),
  );
  t.teardown(() => server.close());
  const url = `${await server.listen({ host: '127.0.0.1', port: 0 })}/webhooks/github`;
  const deliver = async (
    body: string | Uint8Array<ArrayBuffer>,
    change: Record<string, string | undefined> = {},
    key = secret,
  ) => {
    const given = {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-github-delivery': 'd-1',
      'x-hub-signature-256': `sha256=${createHmac('sha256', key).update(body).digest('hex')}`,
      ...change,
    };
    const headers = Object.fromEntries(
      Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    const response = await fetch(url, { method: 'POST', headers, body });
    return { status: response.status, type: response.headers.get('content-type'), body: await response.json() };
  };
  return { url, store, woken, deliver, metrics, pending: () => store.deliveries.pending(10) };
}

t.test('a signed delivery is stored byte for byte, then a worker is woken up', async (t) => {
  const at = await listening(t);
  const body = '{ "ref":"refs/heads/é",\n "n": 1.0 }';
  t.match(await at.deliver(body), { status: 202, body: { delivery: 'new', id: 'd-1' } });
  t.match(await at.pending(), [{ id: 'd-1', event: 'push', payload: body }]);
  t.same(at.woken, [{ wake: 'delivery', id: 'd-1' }]);
  t.match(
    await at.deliver('{}', { 'x-github-delivery': 'd-2' }, older),
    { status: 202 },
    'the older secret still counts',
  );
});

t.test('the same delivery twice has one effect', async (t) => {
  const at = await listening(t);
  await at.deliver('{}');
  t.match(await at.deliver('{}'), { status: 202, body: { delivery: 'duplicate' } });
  await at.store.deliveries.finish('d-1', 'done');
  t.match(await at.deliver('{}'), { status: 202, body: { delivery: 'duplicate' } }, 'also after it was worked off');
  t.equal(at.woken.length, 1);
  t.match(await at.metrics.print(), /fairway_deliveries_total\{outcome="duplicate"\} 2/);
});

t.test('what is not signed with a secret of ours is refused, and nothing is stored', async (t) => {
  const at = await listening(t);
  const mismatch = "the signature does not match: the forge's webhook has another secret than FAIRWAY_WEBHOOK_SECRET";
  const wrong = await at.deliver('{}', {}, 'some other secret here');
  t.match(wrong, { status: 401, type: /problem\+json/, body: { title: 'Unauthorized', detail: mismatch } });
  t.match(await at.deliver('{} ', { 'x-hub-signature-256': sign('{}') }), { status: 401 }, 'one byte more');
  t.match(
    await at.deliver('{}', { 'x-hub-signature-256': sign('{}').slice(0, -1) }),
    { status: 401 },
    'one digit less',
  );
  t.match(await at.deliver('{}', { 'x-hub-signature-256': 'sha256=' }), { status: 401 });
  const missing = { status: 401, body: { detail: /^the X-Hub-Signature-256 header is missing: set a secret/ } };
  t.match(await at.deliver('{}', { 'x-hub-signature-256': undefined }), missing);
  t.same(await at.pending(), []);
  t.same(at.woken, []);
});

t.test('a delivery that can not be read is refused with what is wrong', async (t) => {
  const at = await listening(t);
  const detail = async (...order: Parameters<typeof at.deliver>) => {
    const { status, body } = await at.deliver(...order);
    return `${status} ${body.detail}`;
  };
  t.equal(await detail('{"ref":'), '400 the body is not JSON');
  t.equal(await detail('[]'), '400 the body is JSON, but not an object');
  t.equal(await detail(''), '400 the body is not JSON');
  t.equal(await detail('{}', { 'x-github-event': undefined }), '400 the X-GitHub-Event header is missing');
  t.equal(await detail('{}', { 'x-github-delivery': undefined }), '400 the X-GitHub-Delivery header is missing');
  t.equal(await detail('{}', { 'x-github-delivery': 'a:b' }), '400 the X-GitHub-Delivery header is not a plain word');
  const form = await detail('payload=%7B%7D', { 'content-type': 'application/x-www-form-urlencoded' });
  t.match(form, /^400 the content type is "application\/x-www-form-urlencoded": choose application\/json/);
  t.same(await at.pending(), []);
});

t.test('25 MB are taken, more are refused before they are read', async (t) => {
  const at = await listening(t);
  const limit = 25 * 1024 * 1024;
  const most = new Uint8Array(limit).fill(32);
  most.set([123, 125]);
  t.match(await at.deliver(most), { status: 202 });
  const { status, text } = await announceBody(at.url, limit + 1);
  t.equal(status, 413);
  t.match(JSON.parse(text), { detail: 'the body is larger than 25 MB, the most that GitHub sends' });
});

t.test('a queue that is away does not touch the delivery', async (t) => {
  const at = await listening(t, { wake: () => Promise.reject(new FairwayError('unavailable', 'no Redis')) });
  t.match(await at.deliver('{}'), { status: 202 });
  t.equal((await at.pending()).length, 1);
});

t.test('a store that is away makes the forge keep the delivery', async (t) => {
  const at = await listening(t);
  await at.store.close();
  const answer = { status: 503, body: { detail: 'the delivery could not be stored; redeliver it later' } };
  t.match(await at.deliver('{}'), answer);
});

t.test('there is no receiver without a secret worth the name', async (t) => {
  const create =
    (...secrets: string[]) =>
    () =>
      createReceiver({
        secrets,
        deliveries: { receive: async () => 'new' },
        dispatcher: { wake: async () => undefined },
        metrics: createMetrics(),
      });
  t.throws(create(), {
    kind: 'refused',
    message: /^no webhook secret is set: put a random text of at least 16 characters into FAIRWAY_WEBHOOK_SECRET/,
  });
  t.throws(create(secret, 'short'), {
    message: 'FAIRWAY_WEBHOOK_SECRET: secret 2 of 2 has 5 characters; it needs at least 16',
  });
});

function sign(body: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}
