import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { findRedisServer } from '../adapters/kubernetes-release/redis-server.ts';
import { startRedis } from '../embedded/redis/start-redis.ts';
import { createLog } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { type ConsumerOptions, startConsumer } from './consumer.ts';
import { connectDispatcher, queueName } from './dispatcher.ts';
import { connectRedis } from './redis-client.ts';

const server = await findRedisServer({ report: (line) => t.comment(line), signal: AbortSignal.timeout(120_000) });
const silent = createLog({ level: 'silent' });

async function withRedis(t: Test) {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-queue-'));
  const redis = await startRedis({ directory, server });
  const { path, password } = redis;
  t.teardown(async () => {
    await redis.stop();
    await rm(directory, { recursive: true, force: true });
  });
  return { address: { path, password }, stop: redis.stop, restart: () => startRedis({ directory, server }) };
}

/** A queue whose handlers note their calls; `run` can be told what to do. */
function working(
  t: Test,
  redis: ConsumerOptions['redis'],
  run: (id: string) => Promise<void> = async () => undefined,
  log = silent,
  report: (id: string) => Promise<void> = async () => undefined,
) {
  const calls: string[] = [];
  const note = (wake: string, then: (id: string) => Promise<void>) => async (id: string) => {
    calls.push(`${wake} ${id}`);
    await then(id);
  };
  const nothing = async () => undefined;
  const metrics = createMetrics();
  const sender = connectDispatcher({ redis, log, metrics });
  const consumer = startConsumer({
    redis,
    handlers: { run: note('run', run), delivery: note('delivery', nothing), report: note('report', report) },
    concurrency: 4,
    log,
    metrics,
  });
  t.teardown(async () => {
    await consumer.close();
    await sender.close();
  });
  return { dispatcher: sender.dispatcher, calls, metrics, close: () => consumer.close() };
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(30_000);
  while (!(await condition())) {
    if (deadline.aborted) throw new Error(`it never came to this: ${what}`);
    await sleep(10);
  }
}

t.test('wake-ups of each kind reach their handler, at once or later', async (t) => {
  const redis = await withRedis(t);
  const { dispatcher, calls } = working(t, redis.address);
  await dispatcher.wake({ wake: 'run', id: 'r1' }, 300);
  await dispatcher.wake({ wake: 'delivery', id: '4ff3c1a0-1c2e-11ef-8000-000000000000' });
  await dispatcher.wake({ wake: 'report', id: 'r2' });
  await until('all three', () => calls.length === 3);
  t.same(calls.slice(0, 2).sort(), ['delivery 4ff3c1a0-1c2e-11ef-8000-000000000000', 'report r2']);
  t.equal(calls[2], 'run r1');
});

t.test('many wake-ups of one run that waits are one', async (t) => {
  const redis = await withRedis(t);
  const sender = connectDispatcher({ redis: redis.address, log: silent, metrics: createMetrics() });
  t.teardown(() => sender.close());
  for (let n = 0; n < 5; n++) await sender.dispatcher.wake({ wake: 'run', id: 'r1' });
  const { calls, dispatcher } = working(t, redis.address);
  await dispatcher.wake({ wake: 'run', id: 'last' });
  await until('the last', () => calls.includes('run last'));
  t.same(calls, ['run r1', 'run last']);
});

t.test('a wake-up that comes while the run is worked on is not lost', async (t) => {
  const redis = await withRedis(t);
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { dispatcher, calls } = working(t, redis.address, () => gate);
  await dispatcher.wake({ wake: 'run', id: 'r1' });
  await until('the first call', () => calls.length === 1);
  for (let n = 0; n < 3; n++) await dispatcher.wake({ wake: 'run', id: 'r1' });
  await dispatcher.wake({ wake: 'run', id: 'r1' }, 60_000);
  t.equal(calls.length, 1);
  release();
  await until('the second call, though a later one was asked for too', () => calls.length === 2);
  await dispatcher.wake({ wake: 'run', id: 'after' });
  await until('what came after', () => calls.includes('run after'));
  t.same(calls, ['run r1', 'run r1', 'run after']);
});

t.test('a run that asks to be woken again, from within, is: the newest moment counts', async (t) => {
  const redis = await withRedis(t);
  let left = 3;
  const queue = working(t, redis.address, async (id) => {
    if (left-- === 0) return;
    await queue.dispatcher.wake({ wake: 'run', id }, 60_000);
    await queue.dispatcher.wake({ wake: 'run', id }, 20);
  });
  await queue.dispatcher.wake({ wake: 'run', id: 'r1' });
  await until('four calls', () => queue.calls.length === 4);
});

t.test('a handler that throws is logged and called again, and leaves nothing behind in Redis', async (t) => {
  const redis = await withRedis(t);
  const lines: string[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
  let fails = 2;
  const { dispatcher, calls, metrics } = working(
    t,
    redis.address,
    async () => {
      if (fails-- > 0) throw new Error('the database is locked');
    },
    log,
  );
  await dispatcher.wake({ wake: 'run', id: 'r1' });
  await until('the third call', () => calls.length === 3);
  t.match(JSON.parse(lines[0] ?? ''), {
    msg: 'a wake-up was not worked off',
    err: { message: 'the database is locked' },
    wake: 'run',
    id: 'r1',
  });
  const { client, disconnect } = connectRedis(redis.address, 'test');
  const jobs = new Queue(queueName('run'), { connection: client });
  t.teardown(async () => {
    await jobs.close();
    disconnect();
  });
  const left = async () => Object.values(await jobs.getJobCounts()).reduce((sum, count) => sum + count, 0);
  await until('an empty queue', async () => (await left()) === 0);
  t.match(await metrics.print(), /fairway_wakeups_total\{wake="run",outcome="failed"\} 2/);
});

t.test('however many reports hang, runs go on', async (t) => {
  const redis = await withRedis(t);
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  t.teardown(() => release());
  const { dispatcher, calls } = working(t, redis.address, undefined, silent, () => gate);
  for (let n = 0; n < 20; n++) await dispatcher.wake({ wake: 'report', id: `r${n}` });
  await until('reports that hang', () => calls.length >= 4);
  await dispatcher.wake({ wake: 'run', id: 'r1' });
  await until('the run', () => calls.includes('run r1'));
});

t.test('what a killed worker was at holds up nobody', async (t) => {
  const redis = await withRedis(t);
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  t.teardown(() => release());
  const killed = working(t, redis.address, () => gate);
  await killed.dispatcher.wake({ wake: 'run', id: 'r1' });
  await until('the call that never ends', () => killed.calls.length === 1);
  // It is given up by force, and stays marked as being worked on.
  await killed.close();
  const { dispatcher, calls } = working(t, redis.address);
  await dispatcher.wake({ wake: 'run', id: 'r1' });
  await dispatcher.wake({ wake: 'run', id: 'last' });
  await until('the other', () => calls.includes('run last'));
  t.same(calls, ['run r1', 'run last']);
});

t.test('while Redis is away a wake-up is refused with a sentence, and afterwards all goes on', async (t) => {
  const redis = await withRedis(t);
  const { dispatcher, calls } = working(t, redis.address);
  await dispatcher.wake({ wake: 'run', id: 'before' });
  await until('the one before', () => calls.length === 1);
  await redis.stop();
  await t.rejects(dispatcher.wake({ wake: 'run', id: 'meanwhile' }), {
    kind: 'unavailable',
    message: 'Redis did not take a wake-up within 2 s',
  });
  const again = await redis.restart();
  t.teardown(() => again.stop());
  await until('Redis to take one', () =>
    dispatcher.wake({ wake: 'run', id: 'after' }).then(
      () => true,
      () => false,
    ),
  );
  await until('the one after', () => calls.includes('run after'));
});

t.test('a dispatcher without Redis keeps no more than a thousand wake-ups, and closes', async (t) => {
  const sender = connectDispatcher({
    redis: { path: '/nonexistent/redis.sock', password: 'x' },
    log: silent,
    metrics: createMetrics(),
  });
  const all = await Promise.allSettled(
    Array.from({ length: 1_100 }, (_, n) => sender.dispatcher.wake({ wake: 'run', id: `r${n}` })),
  );
  const reasons = all.map((one) => (one.status === 'rejected' ? one.reason.message : 'sent'));
  t.equal(reasons.filter((reason) => reason === '1000 wake-ups already wait for Redis').length, 100);
  t.equal(reasons.filter((reason) => reason === 'Redis did not take a wake-up within 2 s').length, 1_000);
  await sender.close();
});

t.test('Redis that is emptied in mid-run is used again as it is', async (t) => {
  const redis = await withRedis(t);
  const { dispatcher, calls } = working(t, redis.address);
  await dispatcher.wake({ wake: 'run', id: 'lost' }, 60_000);
  const { client, disconnect } = connectRedis(redis.address, 'test');
  await client.flushall();
  disconnect();
  await dispatcher.wake({ wake: 'run', id: 'lost' });
  await until('the new one', () => calls.includes('run lost'));
});
