import t from 'tap';
import { killIn, versionsOf } from './moments.ts';
import { Scene } from './scene.ts';
import { makeReady, manyObjects, smallConfig, waiting } from './small-config.ts';

t.setTimeout(300_000);

t.test('a rollout and its promotion, killed in the middle of each step, end as if nothing had happened', async (t) => {
  const change = { ...manyObjects(300, 'new'), ...waiting };
  const scene = await Scene.open(t, { branches: { alpha: smallConfig, dev: change } });
  await scene.addCluster('dev-1', 'dev');
  await scene.start();
  const rollout = { kind: 'rollout', channel: 'dev' } as const;
  const cutOff: string[] = [];
  const killedIn = async (
    ...[filter, place, when]: [Parameters<typeof killIn>[1], readonly [string, string], Parameters<typeof killIn>[3]?]
  ): Promise<void> => {
    const turn = await killIn(scene, filter, place, when);
    t.comment(`killed ${turn} ${place.join('/')}`);
    if (turn === 'in') cutOff.push(place.join('/'));
  };
  const versions = () => versionsOf(scene, 'dev-1');

  await killedIn(rollout, ['converge/dev-1', 'apply'], async () => (await versions()).length > 0);
  const applied = await versions();
  await scene.start();
  await killedIn(rollout, ['converge/dev-1', 'wait-for-health']);
  const again = await versions();
  t.equal(again.length, 300);
  t.same(
    applied.filter((line) => !again.includes(line)),
    [],
    'what was applied is not written again',
  );
  await scene.start();
  await scene.kubectl('dev-1', ...makeReady);
  await killedIn(rollout, ['settle/all', 'soak']);
  await scene.start();
  const promotion = { kind: 'promotion', channel: 'dev' } as const;
  await killedIn(promotion, ['soak', 'soak']);
  await scene.start();
  await killedIn(promotion, ['propose', 'open-promotion']);
  await scene.start();

  const rolledOut = await scene.ended(rollout);
  t.equal(rolledOut.status, 'succeeded', rolledOut.reason);
  const proposed = await scene.ended(promotion);
  t.equal(proposed.status, 'succeeded', proposed.reason);
  await scene.told(rolledOut);
  for (const step of ['converge/dev-1/apply', 'converge/dev-1/wait-for-health', 'settle/all/soak', 'soak/soak'])
    t.ok(cutOff.includes(step), `${step} was really cut off`);
  t.same(await versions(), again, 'nothing was written again');
  t.equal((await scene.store.runs.list(rollout)).length, 1);
  t.equal((await scene.store.runs.list(promotion)).length, 1);

  const [registered] = await scene.store.clusters.list();
  t.match(registered?.status, {
    current_version: new RegExp(`^${rolledOut.headSha}#`),
    next_version: '',
    last_version: '',
  });
  t.match(registered?.status.problems, []);

  const pulls = await scene.forge.rest('GET', '/pulls?state=all');
  t.match(pulls, [{ number: 1, base: { ref: 'alpha' }, head: { sha: rolledOut.headSha } }]);
  t.equal(pulls.length, 1, 'one promotion');
  const deployments = await scene.forge.rest('GET', `/deployments?environment=dev&sha=${rolledOut.headSha}`);
  t.equal(deployments.length, 1, 'one deployment');
  const states: { state: string; description: string }[] = await scene.forge.rest(
    'GET',
    `/deployments/${deployments[0].id}/statuses`,
  );
  t.equal(states.filter(({ state }) => state === 'success').length, 1);
  const said = states.map(({ state, description }) => `${state} ${description}`);
  t.same(
    said.filter((one, index) => one === said[index - 1]),
    [],
    'nothing said twice in a row',
  );
  const notes = (await scene.store.audit.list(1_000)).filter(({ subject, detail }) =>
    `${subject} ${detail}`.includes('dev'),
  );
  t.same(notes.map(({ action }) => action).sort(), ['propose-promotion', 'roll-out', 'rollout-succeeded']);

  t.same(
    (await scene.clusters.list()).map(({ name, state }) => `${name} ${state.phase}`),
    ['dev-1 ready'],
  );
  await scene.stop();
  await scene.clusters.delete('dev-1', AbortSignal.timeout(60_000));
  t.same(await scene.left(), [], 'nothing is left');
});
