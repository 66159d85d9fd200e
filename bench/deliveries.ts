import { fork } from 'node:child_process';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import autocannon from 'autocannon';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { findRedisServer } from '../src/adapters/kubernetes-release/redis-server.ts';
import { startTemporaryPostgres } from '../src/embedded/postgres/temporary-postgres.ts';
import { type EmbeddedRedis, startRedis } from '../src/embedded/redis/start-redis.ts';
import { median } from './median.ts';
import { pushDelivery } from './push-delivery.ts';

const rounds = 3;
const seconds = 4;
/** As many requests, and as many adds, are under way at any time. */
const concurrency = 64;

const payload = pushDelivery();
const secret = randomBytes(20).toString('hex');
const headers = {
  'content-type': 'application/json',
  'x-github-event': 'push',
  'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(payload).digest('hex')}`,
};

/** `npm run bench -- deliveries`: deliveries accepted per second, beside BullMQ's own add on the same Redis. */
export async function benchDeliveries(print: (line: string) => void = console.log): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-bench-'));
  const server = await findRedisServer({ report: print, signal: AbortSignal.timeout(120_000) });
  const redis = await startRedis({ directory: join(directory, 'redis'), server });
  const postgres = await startTemporaryPostgres({ durable: true });
  try {
    const stores = [{ name: 'SQLite', url: pathToFileURL(join(directory, 'fairway.db')).href }];
    if (postgres === undefined) print('Postgres is not here: SQLite only');
    else stores.push({ name: 'Postgres', url: postgres.url });
    print(`signed deliveries of ${(payload.length / 1024).toFixed(1)} KB over HTTP, ${concurrency} at once`);
    const adds = [];
    const accepted = new Map(stores.map(({ name }) => [name, [] as number[]]));
    for (let round = 0; round < rounds; round++) {
      adds.push(await addsPerSecond(redis));
      for (const { name, url } of stores) accepted.get(name)?.push(await acceptedPerSecond(url, directory, redis));
    }
    print(`BullMQ's Queue.add of the same payload     ${shown(adds)}`);
    for (const [name, rates] of accepted) print(`accepted, durable in ${name.padEnd(8)}             ${shown(rates)}`);
    for (const [name, rates] of accepted)
      print(`ratio to Queue.add, ${name}: ${(median(rates) / median(adds)).toFixed(2)}`);
  } finally {
    await postgres?.stop();
    await redis.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function acceptedPerSecond(
  storeUrl: string,
  directory: string,
  { path, password }: EmbeddedRedis,
): Promise<number> {
  const settings = JSON.stringify({ storeUrl, directory, secret, path, password });
  const receiver = fork(fileURLToPath(new URL('receiver-process.ts', import.meta.url)), [settings]);
  const ended = once(receiver, 'exit');
  try {
    const [address] = z.tuple([z.string(), z.unknown()]).parse(await Promise.race([once(receiver, 'message'), ended]));
    const load = { url: `${address}/webhooks/github`, method: 'POST', connections: concurrency } as const;
    const setupRequest = (request: { body: Buffer; headers: Record<string, string> }) => {
      request.headers = { ...headers, 'x-github-delivery': randomUUID() };
      request.body = payload;
      return request;
    };
    await autocannon({ ...load, duration: 1, requests: [{ setupRequest }] });
    const result = await autocannon({ ...load, duration: seconds, requests: [{ setupRequest }] });
    if (result.non2xx + result.errors > 0) throw new Error(`${result.non2xx} refused, ${result.errors} failed`);
    return result['2xx'] / result.duration;
  } finally {
    if (receiver.connected) receiver.send('end');
    await ended;
  }
}

async function addsPerSecond({ path, password }: EmbeddedRedis): Promise<number> {
  const connection = new Redis({ path, password, maxRetriesPerRequest: null });
  const queue = new Queue('bench', { connection });
  const data = JSON.parse(payload.toString());
  let added = 0;
  const start = performance.now();
  const addUntil = async (end: number) => {
    for (; performance.now() < end; added++) await queue.add('delivery', data);
  };
  await Promise.all(Array.from({ length: concurrency }, () => addUntil(start + seconds * 1000)));
  const rate = (added * 1000) / (performance.now() - start);
  await queue.obliterate({ force: true });
  await queue.close();
  await connection.quit();
  return rate;
}

function shown(rates: readonly number[]): string {
  return `${median(rates).toFixed(0).padStart(6)} per second  (${rates.map((rate) => rate.toFixed(0)).join(', ')})`;
}

if (import.meta.main) await benchDeliveries();
