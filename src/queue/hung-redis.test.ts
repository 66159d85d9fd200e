import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { findRedisServer } from '../adapters/kubernetes-release/redis-server.ts';
import { messageOf } from '../domain/errors.ts';
import { createLog } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { startConsumer } from './consumer.ts';
import { connectDispatcher } from './dispatcher.ts';

t.setTimeout(180_000);

/** A Redis of somebody else's, which nobody ends when it hangs. */
async function foreignRedis(t: Test) {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-hung-'));
  const path = join(folder, 'redis.sock');
  const server = await findRedisServer({ report: (line) => t.comment(line), signal: AbortSignal.timeout(120_000) });
  const args = ['--port', '0', '--unixsocket', path, '--requirepass', 'password', '--dir', folder, '--save', ''];
  const child = spawn(server.file, args, { stdio: 'ignore', env: { ...process.env, ...server.env } });
  t.teardown(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
    await rm(folder, { recursive: true, force: true });
  });
  return { address: { path, password: 'password' }, child };
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(90_000);
  while (!(await condition())) {
    if (deadline.aborted) throw new Error(`it never came to this: ${what}`);
    await sleep(50);
  }
}

t.test('a Redis that hangs is waited for, and used again when it goes on', async (t) => {
  const { address, child } = await foreignRedis(t);
  const [log, metrics] = [createLog({ level: 'silent' }), createMetrics()];
  const calls: string[] = [];
  const nothing = async () => undefined;
  const handlers = { run: async (id: string) => void calls.push(id), delivery: nothing, report: nothing };
  const sender = connectDispatcher({ redis: address, log, metrics });
  const consumer = startConsumer({ redis: address, handlers, concurrency: 2, log, metrics });
  const wake = (id: string) => sender.dispatcher.wake({ wake: 'run', id });
  const taken = (id: string) =>
    wake(id).then(
      () => true,
      () => false,
    );
  await until('the one before', async () => calls.includes('before') || ((await taken('before')) && false));
  await sender.ask();

  child.kill('SIGSTOP');
  t.equal(await wake('meanwhile').catch(messageOf), 'Redis did not take a wake-up within 2 s');
  const asked = await Promise.race([sender.ask().then(() => 'answered', messageOf), sleep(1_000, 'silent')]);
  t.not(asked, 'answered');
  await until('the connection counts as lost', () =>
    Promise.race([
      sender.ask().then(
        () => false,
        () => true,
      ),
      sleep(500, false),
    ]),
  );
  child.kill('SIGCONT');
  await until('Redis to take one', () => taken('after'));
  await until('the one after', () => calls.includes('after'));
  await sender.ask();
  await consumer.close();
  await sender.close();
});
