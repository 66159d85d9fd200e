import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import t from 'tap';
import { Scene } from './scene.ts';
import { smallConfig, waiting } from './small-config.ts';

t.setTimeout(300_000);

const shim = fileURLToPath(new URL('../../bin/fairway.js', import.meta.url));
const rules = {
  'channels/dev.yaml': [
    'channel: dev',
    'branch: dev',
    'rollout:',
    '  rollback: auto',
    '  waves: [{name: canary, match: {cluster: [dev-1]}}, {name: rest}]',
    '',
  ].join('\n'),
  // What it proves does not find out what is wrong with the change.
  'pipelines/pull-request.yaml':
    'pipeline: pull-request\non: {pullRequest: {branches: [dev]}}\nstages:\n  - {stage: render, steps: [{render: {}}]}\n',
  'pipelines/rollout.yaml': [
    'pipeline: rollout',
    'on: {push: {}}',
    'stages:',
    '  - {stage: converge, forEach: cluster, steps: [{apply: {}}, {wait-for-health: {timeout: 6s}}]}',
    '',
  ].join('\n'),
};

t.test('a rollout that its canary does not survive is taken back from it, and reaches nobody else', async (t) => {
  const scene = await Scene.open(t, { branches: { alpha: {}, dev: { ...smallConfig, ...rules } } });
  await Promise.all(['dev-1', 'dev-2'].map((name) => scene.addCluster(name, 'dev')));
  await scene.start();
  const state = () => scene.store.channels.get('fairway/config', 'dev');
  const good = await scene.until('dev to converge', async () => (await state()).convergedSha);
  const { number } = await scene.forge.propose('bad', waiting);
  await scene.told(await scene.ended({ pullRequest: number }));
  await scene.forge.rest('PUT', `/pulls/${number}/merge`, {});
  const { commit } = await scene.forge.rest('GET', '/branches/dev');
  const bad: string = commit.sha;
  const failed = await scene.until('the rollout to fail', async () => {
    const run = await scene.run({ kind: 'rollout', channel: 'dev' });
    return run?.headSha === bad && run.status === 'failed' ? run : undefined;
  });
  t.match(failed.reason, /^converge\/dev-1: .*Bell default\/waiting/s);
  const back = await scene.ended({ kind: 'rollback', channel: 'dev' });
  t.equal(back.status, 'succeeded', back.reason);
  t.match(back, { headSha: good, baseSha: bad });
  for (const name of ['dev-1', 'dev-2'])
    t.equal(await scene.kubectl(name, 'get', 'crd', '--output=name'), '', `${name} has nothing of it any more`);
  const clusters = await scene.store.clusters.list({ channel: 'dev' });
  t.strictSame(
    clusters.map(({ id, status }) => `${id} ${status.current_version.split('#')[0]} ${status.problems.length}`),
    [`dev-1 ${good} 0`, `dev-2 ${good} 0`],
  );
  t.match(await state(), { convergedSha: good, attemptedSha: bad, liveRun: undefined });
  const command = (...args: string[]) =>
    execa(process.execPath, [shim, ...args, '--state', scene.state], { reject: false });
  t.match((await command('channels')).stdout, `did not converge to ${bad.slice(0, 12)}`);
  t.match((await command('runs')).stdout, new RegExp(`${back.id} +succeeded +rollback of dev`));
  await scene.stop();
  for (const name of ['dev-1', 'dev-2']) await scene.clusters.delete(name, AbortSignal.timeout(60_000));
});
