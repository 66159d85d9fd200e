import t, { type Test } from 'tap';
import { killIn, versionsOf } from './moments.ts';
import { Scene } from './scene.ts';
import { makeReady, manyObjects, smallConfig, waiting } from './small-config.ts';

t.setTimeout(300_000);

t.test('a proof that is killed in the middle of each of its steps ends as if nothing had happened', async (t) => {
  const scene = await Scene.open(t, { branches: { dev: smallConfig, alpha: {} } });
  await scene.start();
  const { number, sha } = await scene.forge.propose('change', { ...manyObjects(300, 'new'), ...waiting });
  const filter = { pullRequest: number };
  const cutOff: string[] = [];
  const killedIn = async (stage: string, kind: string, when?: Parameters<typeof killIn>[3]): Promise<void> => {
    const turn = await killIn(scene, filter, [stage, kind], when);
    t.comment(`killed ${turn} ${stage}/${kind}`);
    if (turn === 'in') cutOff.push(`${stage}/${kind}`);
  };
  const { id } = await scene.until('a run', () => scene.run(filter), 5);

  for (const kind of ['render', 'diff', 'policy']) {
    await killedIn('render', kind);
    await scene.start();
  }
  const isLogged = (text: string) => async () =>
    (await scene.store.runs.log(id, 0, 10_000)).some((line) => line.text.includes(text));
  await killedIn('base', 'create-cluster', isLogged('create-cluster …'));
  await scene.start();
  await killedIn('base', 'apply');
  await scene.start();
  const versions = () => versionsOf(scene, id);
  await killedIn('upgrade', 'apply', async () => (await versions()).length > 0);
  const applied = await versions();
  t.ok(applied.length > 0, `${applied.length} objects were applied before the kill`);
  await scene.start();
  await killedIn('upgrade', 'wait-for-health');
  const again = await versions();
  t.equal(again.length, 300);
  t.same(
    applied.filter((line) => !again.includes(line)),
    [],
    'what was applied is not written again',
  );
  await scene.start();
  await scene.kubectl(id, ...makeReady);
  await killedIn('e2e', 'suite', isLogged('test files done'));
  await scene.start();
  await killedIn('teardown', 'delete-cluster');
  await scene.start();

  const run = await scene.ended(filter);
  await scene.told(run);
  t.equal(run.id, id, 'it is still the same run');
  t.equal(run.status, 'succeeded', run.reason);
  t.same(new Set(run.stages.map(({ status }) => status)), new Set(['succeeded']));
  for (const step of ['base/create-cluster', 'upgrade/apply', 'upgrade/wait-for-health', 'e2e/suite'])
    t.ok(cutOff.includes(step), `${step} was really cut off`);
  t.match(run.stages[3]?.steps[0]?.output, { passed: 1, failed: 0 }, 'the suite was started once');
  t.equal((await scene.store.runs.list(filter)).length, 1);
  await provesOneReport(t, scene, number, sha);
  t.same(await scene.clusters.list(), []);
  t.same(await scene.left(), [], 'nothing is left');
});

/** One check per stage, one comment, no status said twice. */
async function provesOneReport(t: Test, scene: Scene, number: number, sha: string): Promise<void> {
  const { check_runs: checks } = await scene.forge.rest('GET', `/commits/${sha}/check-runs?filter=all&per_page=100`);
  t.same(
    checks.map(({ name, conclusion }: { name: string; conclusion: string }) => `${name} ${conclusion}`).sort(),
    ['base', 'e2e', 'render', 'teardown', 'upgrade'].map((stage) => `fairway/${stage} success`),
  );
  const statuses = await scene.forge.statuses(sha);
  const repeated = statuses.filter((one, index) => JSON.stringify(one) === JSON.stringify(statuses[index - 1]));
  t.same(repeated, []);
  t.match(
    statuses.filter(({ state }) => state !== 'pending'),
    [{ context: 'fairway/gate', state: 'success' }],
  );
  t.equal((await scene.forge.stickyComments(number)).length, 1);
}
