import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import t from 'tap';
import { turnOf } from './moments.ts';
import { Scene } from './scene.ts';
import { makeReady, smallConfig, waiting } from './small-config.ts';

t.setTimeout(300_000);

async function redisOf(scene: Scene): Promise<{ pid: number; flush(): Promise<void> }> {
  const folder = join(scene.state, 'redis');
  const config = await readFile(join(folder, 'redis.conf'), 'utf8');
  const path = /^unixsocket "(.*)"$/m.exec(config)?.[1] ?? '';
  const password = /^requirepass (\S+)$/m.exec(config)?.[1] ?? '';
  return {
    pid: Number(await readFile(join(folder, 'redis.pid'), 'utf8')),
    async flush() {
      const client = new Redis({ path, password });
      await client.flushall();
      client.disconnect();
    },
  };
}

t.test('Redis that is emptied, and then killed, in mid-run loses nothing', async (t) => {
  const scene = await Scene.open(t, { branches: { dev: smallConfig, alpha: {} } });
  await scene.start();
  const { number, sha } = await scene.forge.propose('change', waiting);
  const filter = { pullRequest: number };
  const inStep = (stage: string, kind: string) =>
    scene.until(
      `${kind} of ${stage}`,
      async () => {
        const run = await scene.run(filter);
        return run && turnOf(run, stage, kind) === 'in' ? run : undefined;
      },
      5,
    );
  const redis = await redisOf(scene);
  await inStep('base', 'create-cluster');
  await redis.flush();
  const { id } = await inStep('upgrade', 'wait-for-health');
  await redis.flush();
  process.kill(redis.pid, 'SIGKILL');
  await scene.kubectl(id, ...makeReady);
  await inStep('e2e', 'suite');
  await (await redisOf(scene)).flush();
  const run = await scene.ended(filter);
  t.equal(run.status, 'succeeded', run.reason);
  await scene.told(run);
  t.match(await scene.forge.gate(sha), { state: 'success' });
  t.equal((await scene.forge.stickyComments(number)).length, 1);
  t.not((await redisOf(scene)).pid, redis.pid, 'the killed server has a successor');
  t.same(await scene.left(), []);
});
