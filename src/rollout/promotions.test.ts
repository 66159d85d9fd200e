import t, { type Test } from 'tap';
import { openPromotion } from '../steps/open-promotion.ts';
import { worldOf } from '../steps/testing/world-of.ts';
import { concludeRun } from './conclude-run.ts';
import { rules } from './testing/planning-under-test.ts';
import { givenChannel, repository, signal } from './testing/rollouts-under-test.ts';

const setting = (value: string) => ({ 'cluster/config-defaults.yaml': `greeting: "${value}"\n` });
const promotes = {
  'pipelines/promotion.yaml':
    'pipeline: promotion\non: {converged: {}}\nstages:\n  - {stage: propose, steps: [{open-promotion: {}}]}\n',
};
const branch = 'fairway/promote/dev-to-alpha';

/** dev and alpha begin with the same revision, which dev has converged to. */
async function givenTwoChannels(t: Test) {
  const given = await givenChannel(t);
  const { at, rollOut, liveRun } = given;
  await at.push('dev', { ...rules, ...promotes, ...setting('one') });
  await at.clone.git('push', '--quiet', 'origin', 'dev:alpha');
  const world = worldOf({ git: at.planning.git, forge: at.planning.forge, audit: at.store.audit });
  /** Rolls dev's newest revision out, and does what its promotion's run would do. */
  const converge = async () => {
    await rollOut();
    const run = await liveRun();
    await at.end(run, 'succeeded');
    await concludeRun(at.planning, { ...run, status: 'succeeded' }, signal);
  };
  const propose = async (): Promise<string> => {
    const [run] = await at.store.runs.list({ kind: 'promotion', repository, channel: 'dev', limit: 1 });
    const [stage] = run?.stages ?? [];
    if (!run || !stage) throw new Error('there is no promotion to be proposed');
    const log = (text: string): void => void t.comment(text);
    const context = { run, stage, memo: null, startedAt: Date.now(), world, log, signal };
    const outcome = await openPromotion.run(context, {});
    await at.end(run, 'succeeded');
    return outcome.outcome === 'succeeded' ? outcome.summary : JSON.stringify(outcome);
  };
  const open = async () => {
    const pulls = await at.planning.forge.openPullRequests(repository);
    return pulls.filter(({ headBranch }) => headBranch === branch);
  };
  const newest = async (number: number) => {
    const [run] = await at.runs(number);
    if (!run) throw new Error(`#${number} has no run`);
    return run;
  };
  await converge();
  return { ...given, converge, propose, open, newest };
}

t.test('a promotion is at the converged revision, and proven from what the next channel has', async (t) => {
  const { at, converge, propose, open, newest } = await givenTwoChannels(t);
  const sha = await at.mergeProven('dev', setting('two'));
  await converge();
  t.equal(await propose(), 'proposed as #1');
  t.match(await open(), [{ number: 1, headSha: sha, baseBranch: 'alpha' }]);
  await at.pullRequest('opened', 1);
  t.match(await newest(1), { status: 'queued', headSha: sha });
});

t.test(
  'a promotion that the channel has left behind is red, and closed when there is nothing to promote',
  async (t) => {
    const { at, converge, propose, open, newest } = await givenTwoChannels(t);
    const before = (await at.clone.git('rev-parse', 'dev^{tree}')).trim();
    const second = await at.mergeProven('dev', setting('two'));
    await converge();
    await propose();
    await at.pullRequest('opened', 1);
    await at.end(await newest(1), 'succeeded');
    const secondTree = (await at.clone.git('rev-parse', 'dev^{tree}')).trim();
    await at.clone.git('revert', '--no-edit', 'HEAD');
    await at.clone.git('push', '--quiet', 'origin', 'dev');
    const reverted = (await at.clone.git('rev-parse', 'dev')).trim();
    await at.prove('dev', secondTree, reverted);
    await converge();
    t.equal((await at.clone.git('rev-parse', 'dev^{tree}')).trim(), before);
    t.match(await newest(1), {
      status: 'failed',
      reason: `${branch} stands at ${second.slice(0, 8)}, and dev has converged to ${reverted.slice(0, 8)}: that is proposed once it has soaked`,
    });
    t.equal(await propose(), 'alpha has this tree already; #1 was closed');
    t.strictSame(await open(), []);
  },
);

t.test('a revision that comes back by a force push is proposed again', async (t) => {
  const { at, converge, propose, open, newest } = await givenTwoChannels(t);
  const first = await at.mergeProven('dev', setting('x1'));
  const firstTree = (await at.clone.git('rev-parse', 'dev^{tree}')).trim();
  await converge();
  await propose();
  await at.pullRequest('opened', 1);
  await at.end(await newest(1), 'succeeded');
  await at.mergeProven('dev', setting('x2'));
  const secondTree = (await at.clone.git('rev-parse', 'dev^{tree}')).trim();
  await converge();
  await propose();
  await at.pullRequest('synchronize', 1);
  t.not((await open())[0]?.headSha, first);
  await at.clone.git('push', '--quiet', '--force', 'origin', `${first}:dev`);
  await at.prove('dev', secondTree, first);
  await converge();
  t.not(secondTree, firstTree);
  t.match(await newest(1), { status: 'failed', reason: /dev has converged to/ });
  t.equal(await propose(), 'proposed as #1');
  await at.headIs(1, first);
  await at.pullRequest('synchronize', 1);
  t.match(await newest(1), { headSha: first, status: 'queued' }, 'it has a run again that has the last word');
});

t.test("what someone pushes to a promotion's branch is red, and the branch is put right", async (t) => {
  const { at, converge, propose, open, newest } = await givenTwoChannels(t);
  const sha = await at.mergeProven('dev', setting('two'));
  await converge();
  await propose();
  await at.pullRequest('opened', 1);
  await at.clone.git('checkout', '--quiet', '-B', 'hijack', sha);
  const evil = await at.clone.commitTo('hijack', setting('evil'));
  await at.clone.git('push', '--quiet', '--force', 'origin', `hijack:${branch}`);
  await at.headIs(1, evil);
  await at.pullRequest('synchronize', 1);
  t.match(await newest(1), { status: 'failed', headSha: evil, reason: /^fairway\/promote\/dev-to-alpha stands at/ });
  t.equal(await propose(), 'proposed as #1');
  t.match(await open(), [{ headSha: sha }]);
});

for (const method of ['squash', 'rebase'])
  t.test(`after a promotion by ${method} the next one can be merged`, async (t) => {
    const { at, converge, propose, open, newest } = await givenTwoChannels(t);
    await at.mergeProven('dev', setting('two'));
    await converge();
    await propose();
    const merged = await at.forge.repo('PUT', '/pulls/1/merge', { merge_method: method });
    t.equal(merged.status, 200);
    const sha = await at.mergeProven('dev', setting('three'));
    await converge();
    t.equal(await propose(), 'proposed as #2');
    const [pull] = await open();
    if (!pull) throw new Error('there is no promotion');
    const git = at.planning.git.repository(repository);
    await git.fetch(signal);
    t.equal((await git.commit(pull.headSha))?.tree, (await git.commit(sha))?.tree, 'it has what dev has');
    t.ok(await git.isAncestor(sha, pull.headSha));
    await at.pullRequest('opened', 2);
    t.match(await newest(2), { status: 'queued', tree: (await git.commit(sha))?.tree });
    t.equal((await at.forge.repo('PUT', '/pulls/2/merge', {})).status, 200, 'the forge can merge it');
  });

t.test('what the next channel has of its own stays, as a merge or as a conflict', async (t) => {
  const { at, converge, propose, newest } = await givenTwoChannels(t);
  await at.push('alpha', setting('hotfix'));
  const sha = await at.mergeProven('dev', setting('two'));
  await converge();
  await propose();
  await at.pullRequest('opened', 1);
  t.match(await newest(1), { status: 'failed', headSha: sha, reason: /conflicts in cluster\/config-defaults\.yaml/ });
});
