import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { findRedisServer } from '../../adapters/kubernetes-release/redis-server.ts';
import { findOwnProcess } from './own-process.ts';
import { type EmbeddedRedis, startRedis } from './start-redis.ts';

const server = await findRedisServer({ report: (line) => t.comment(line), signal: AbortSignal.timeout(120_000) });

async function folder(t: Test): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-redis-'));
  t.teardown(async () => {
    const left = await processIn(directory);
    if (left !== undefined) process.kill(left, 'SIGKILL');
    await rm(directory, { recursive: true, force: true });
  });
  return directory;
}

const processIn = (directory: string) => findOwnProcess(join(directory, 'redis.pid'), join(directory, 'redis.conf'));

async function ask<T>(
  { path, password }: Pick<EmbeddedRedis, 'path' | 'password'>,
  use: (client: Redis) => Promise<T>,
): Promise<T> {
  const client = new Redis({ path, password, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => undefined);
  try {
    return await use(client);
  } finally {
    client.disconnect();
  }
}

t.test('it keeps what was written, answers only who knows the password, and leaves no process', async (t) => {
  const directory = await folder(t);
  const redis = await startRedis({ directory, server });
  const pid = await processIn(directory);
  t.ok(pid);
  t.equal(await ask(redis, (client) => client.set('a', '1')), 'OK');
  t.same(await ask(redis, (client) => client.config('GET', 'maxmemory-policy')), ['maxmemory-policy', 'noeviction']);
  t.same(await ask(redis, (client) => client.config('GET', 'appendonly')), ['appendonly', 'yes']);
  t.same(await ask(redis, (client) => client.config('GET', 'port')), ['port', '0']);
  await t.rejects(
    ask({ ...redis, password: 'guessed' }, (client) => client.get('a')),
    /WRONGPASS|NOAUTH|closed/i,
  );
  t.equal((await stat(join(directory, 'redis.conf'))).mode & 0o777, 0o600);
  if (process.platform === 'linux') {
    t.notMatch(await readFile(`/proc/${pid}/cmdline`, 'utf8'), redis.password, 'no command line shows the password');
    t.notMatch(await readFile(`/proc/${pid}/environ`, 'utf8'), redis.password);
  }
  await redis.stop();
  t.equal(await processIn(directory), undefined);
  await redis.stop();

  const again = await startRedis({ directory, server });
  t.equal(again.password, redis.password);
  t.equal(await ask(again, (client) => client.get('a')), '1');
  await again.stop();
});

t.test('what a killed Fairway left is taken over', async (t) => {
  const directory = await folder(t);
  const script = `
    import { startRedis } from ${JSON.stringify(new URL('start-redis.ts', import.meta.url).href)};
    await startRedis({ directory: ${JSON.stringify(directory)}, server: ${JSON.stringify(server)} });
    console.log('up');
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => parent.kill('SIGKILL'));
  await new Promise((resolve) => parent.stdout.once('data', resolve));
  const exited = new Promise((resolve) => parent.once('exit', resolve));
  parent.kill('SIGKILL');
  await exited;
  const left = await processIn(directory);
  t.ok(left, 'the server outlives its parent');
  const redis = await startRedis({ directory, server });
  t.equal(await processIn(directory), left);
  t.equal(await ask(redis, (client) => client.ping()), 'PONG');
  await redis.stop();
  t.equal(await processIn(directory), undefined);
});

t.test('a server that dies is started again, with what it had', async (t) => {
  const directory = await folder(t);
  const redis = await startRedis({ directory, server });
  const client = new Redis({ path: redis.path, password: redis.password });
  client.on('error', () => undefined);
  t.teardown(() => client.disconnect());
  await client.set('kept', 'yes');
  await sleep(1_500);
  const pid = await processIn(directory);
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
  t.equal(await client.get('kept'), 'yes');
  t.not(await processIn(directory), pid);
  await redis.stop();
  await sleep(1_500);
  t.equal(await processIn(directory), undefined, 'until it is stopped');
});

t.test('a server that hangs is ended, and another takes its place', async (t) => {
  const directory = await folder(t);
  const first = await startRedis({ directory, server });
  const hung = await processIn(directory);
  if (hung === undefined) throw new Error('no server');
  process.kill(hung, 'SIGSTOP');
  const redis = await startRedis({ directory, server });
  t.not(await processIn(directory), hung);
  t.equal(await ask(redis, (client) => client.ping()), 'PONG');
  await first.stop();
  await redis.stop();
});

t.test("another's process under the old number is left alone", async (t) => {
  const directory = await folder(t);
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  t.teardown(() => other.kill('SIGKILL'));
  await writeFile(join(directory, 'redis.pid'), `${other.pid}\n`);
  const redis = await startRedis({ directory, server });
  await redis.stop();
  await sleep(20);
  t.equal(other.exitCode, null);
  t.equal(other.signalCode, null);
});

t.test('a folder whose path is too long for a socket works as well', async (t) => {
  const directory = join(await folder(t), 'a'.repeat(120));
  const redis = await startRedis({ directory, server });
  t.equal(await ask(redis, (client) => client.ping()), 'PONG');
  await redis.stop();
});

t.test('why it does not start is said with its last words', async (t) => {
  const directory = await folder(t);
  await writeFile(join(directory, 'appendonlydir'), 'a file where a folder belongs');
  await t.rejects(startRedis({ directory, server }), {
    kind: 'unavailable',
    message: /^redis-server \(.*\) did not start: it ended with exit code 1\n.*append/s,
  });
  const nowhere = { file: join(directory, 'no-such-program'), env: {} };
  await t.rejects(startRedis({ directory, server: nowhere }), { message: /did not start: .*ENOENT/ });
});
