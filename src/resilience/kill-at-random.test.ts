import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { isFinal } from '../domain/run.ts';
import { Scene } from './scene.ts';
import { manyObjects, smallConfig } from './small-config.ts';

t.setTimeout(300_000);

const seed = Number(process.env.FAIRWAY_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const mostKills = 10;

/** Mulberry32: the same seed gives the same moments. */
function random(state: number): () => number {
  let next = state;
  return () => {
    next = (next + 0x6d2b79f5) | 0;
    let mixed = Math.imul(next ^ (next >>> 15), 1 | next);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

t.test(
  `killed again and again at any moment, a proof and a rollout end well (FAIRWAY_TEST_SEED=${seed})`,
  async (t) => {
    const scene = await Scene.open(t, { branches: { alpha: smallConfig, dev: manyObjects(60, 'old') } });
    await scene.addCluster('dev-1', 'dev');
    await scene.start();
    const { number, sha } = await scene.forge.propose('change', manyObjects(60, 'new'));
    const proof = { pullRequest: number };
    const rollout = { kind: 'rollout', channel: 'dev' } as const;
    await scene.until('the runs', async () => ((await scene.run(proof)) && (await scene.run(rollout))) || undefined);
    const moment = random(seed);
    const isOver = async () =>
      (await Promise.all([scene.run(proof), scene.run(rollout)])).every((run) => run && isFinal(run.status));
    let kills = 0;
    for (; kills < mostKills && !(await isOver()); kills++) {
      await sleep(moment() * 5_000);
      await scene.killAndStart();
    }
    t.comment(`${kills} kills`);
    const proven = await scene.ended(proof);
    t.equal(proven.status, 'succeeded', proven.reason);
    t.match(proven.stages[3]?.steps[0]?.output, { passed: 1, failed: 0 }, 'the suite was started once');
    const rolledOut = await scene.ended(rollout);
    t.equal(rolledOut.status, 'succeeded', rolledOut.reason);
    const promoted = await scene.ended({ kind: 'promotion', channel: 'dev' });
    t.equal(promoted.status, 'succeeded', promoted.reason);
    await scene.told(proven);
    t.match(await scene.forge.gate(sha), { state: 'success' });
    t.equal((await scene.forge.stickyComments(number)).length, 1);
    const deployments = await scene.forge.rest('GET', `/deployments?environment=dev&sha=${rolledOut.headSha}`);
    t.equal(deployments.length, 1, 'one deployment');
    const promotions = (await scene.forge.rest('GET', '/pulls?state=all')).filter(
      ({ base }: { base: { ref: string } }) => base.ref === 'alpha',
    );
    t.equal(promotions.length, 1, 'one promotion');
    t.same(
      (await scene.clusters.list()).map(({ name }) => name),
      ['dev-1'],
    );
  },
);
