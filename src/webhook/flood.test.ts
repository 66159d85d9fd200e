import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fastify from 'fastify';
import t, { type Test } from 'tap';
import { openStore } from '../adapters/store/store.ts';
import { connectTo, type RawConnection } from '../http/testing/raw-connection.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { createReceiver } from './receiver.ts';

const secret = 'the webhook secret of today';
const guess = `sha256=${'0'.repeat(64)}`;
const megabyte = 1024 * 1024;

async function listening(t: Test) {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-receiver-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const store = await openStore(pathToFileURL(join(directory, 'store.sqlite')).href);
  t.teardown(() => store.close());
  const server = fastify({ forceCloseConnections: true });
  const dispatcher = { wake: async () => undefined };
  const metrics = createMetrics();
  await server.register(createReceiver({ secrets: [secret], deliveries: store.deliveries, dispatcher, metrics }));
  t.teardown(() => server.close());
  const url = `${await server.listen({ host: '127.0.0.1', port: 0 })}/webhooks/github`;
  const deliver = async (id: string, body: Buffer) => {
    const headers = {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-github-delivery': id,
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    };
    return (await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) })).status;
  };
  return { url, deliver };
}

t.test(
  'strangers with 60 large bodies get a bounded part of the memory, and deliveries come in all the while',
  async (t) => {
    const { url, deliver } = await listening(t);
    const before = process.memoryUsage().arrayBuffers;
    const headers = { 'content-length': String(24 * megabyte), 'x-hub-signature-256': guess };
    const strangers = await Promise.all(Array.from({ length: 60 }, () => beginDelivery(t, url, headers)));
    const piece = Buffer.alloc(megabyte, 'x');
    let most = 0;
    for (let sent = 0; sent < 12; sent++) {
      await Promise.all(strangers.map((stranger) => stranger.send(piece)));
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      t.equal(await deliver(`small-${sent}`, Buffer.from('{}')), 202);
    }
    const large = Buffer.concat([Buffer.from('{'), Buffer.alloc(20 * megabyte, ' '), Buffer.from('}')]);
    t.equal(await deliver('large', large), 202);
    t.ok(most < 250 * megabyte, `${Math.round(most / megabyte)} MB for ${60 * 12} MB that came`);
  },
);

t.test('whoever is crowded out is told to come again', async (t) => {
  const { url } = await listening(t);
  const headers = { 'content-length': String(24 * megabyte), 'x-hub-signature-256': guess };
  const strangers = await Promise.all(Array.from({ length: 4 }, () => beginDelivery(t, url, headers)));
  for (const stranger of strangers) await stranger.send(Buffer.alloc(23 * megabyte, 'x'));
  const [first] = strangers;
  const answer = (await first?.said) ?? '';
  t.match(answer, /^HTTP\/1\.1 503 .*\r\nretry-after: 10\r\n/s);
  t.match(answer, '"detail":"too many deliveries come in at once; redeliver this one later"');
});

t.test('a body that comes in single bytes costs no more than its bytes', async (t) => {
  const { url, deliver } = await listening(t);
  const before = memoryInUse();
  const stranger = await beginDelivery(t, url, { 'transfer-encoding': 'chunked', 'x-hub-signature-256': guess });
  const pieces = Buffer.from('1\r\nx\r\n'.repeat(200_000));
  for (let sent = 0; sent < 3; sent++) await stranger.send(pieces);
  t.equal(await deliver('in-between', Buffer.from('{}')), 202);
  const grown = memoryInUse() - before;
  t.ok(grown < 30 * megabyte, `${Math.round(grown / megabyte)} MB for 0.6 MB`);
});

t.test('what shows in the headers is refused before a byte of the body is read', async (t) => {
  const { url } = await listening(t);
  const cases = [
    [{}, /^HTTP\/1\.1 401 .*the X-Hub-Signature-256 header is missing/s],
    [{ 'x-hub-signature-256': 'sha256=abc' }, /^HTTP\/1\.1 401 .*is not \\"sha256=\\" and 64 hexadecimal digits/s],
    [
      { 'x-hub-signature-256': guess, 'content-length': String(25 * megabyte + 1) },
      /^HTTP\/1\.1 413 .*the body is larger than 25 MB/s,
    ],
  ] as const;
  for (const [headers, said] of cases) {
    const begun = await beginDelivery(t, url, { 'content-length': '1000', connection: 'close', ...headers });
    t.match(await begun.said, said);
  }
});

/** The headers of a delivery, and nothing of its body yet. */
async function beginDelivery(t: Test, url: string, headers: Record<string, string>): Promise<RawConnection> {
  const connection = await connectTo(t, url);
  const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}`);
  connection.write(`POST ${new URL(url).pathname} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  return connection;
}

/** Without what only waits to be collected. */
function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
