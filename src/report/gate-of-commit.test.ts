import t, { type Test } from 'tap';
import { createArtifactFolder } from '../adapters/artifacts/artifact-folder.ts';
import { PlanningUnderTest } from '../rollout/testing/planning-under-test.ts';
import { reportRun } from './reporter.ts';

/** One head in two pull requests, #1 into dev and #2 into alpha, each with its run. */
async function given(t: Test) {
  const at = await PlanningUnderTest.start(t);
  await at.clone.git('push', '--quiet', 'origin', 'dev:alpha');
  const { number, sha } = await at.openPull('a', { 'cluster/a.yaml': 'a: 1\n' });
  const order = { title: 'a to alpha', head: 'a', base: 'alpha' };
  const { body } = await at.forge.repo('POST', '/pulls', order, at.forge.tokens.writer);
  const other: number = body.number;
  await at.pullRequest('opened', number);
  await at.pullRequest('opened', other);
  const report = async (number: number): Promise<void> => {
    const [run] = await at.runs(number);
    const reporting = {
      runs: at.store.runs,
      reports: at.store.reports,
      artifacts: createArtifactFolder(`${at.forge.directory}/artifacts`),
      forge: at.planning.forge,
      runUrl: (id: string) => `http://fairway/runs/${id}`,
    };
    t.equal(await reportRun(reporting, run?.id ?? ''), 'told');
  };
  const end = async (number: number, status: 'succeeded' | 'failed', reason = ''): Promise<void> => {
    const [run] = await at.runs(number);
    if (!run) throw new Error(`#${number} has no run`);
    await at.end(run, status, reason);
    await report(number);
  };
  const gate = async (): Promise<string> => {
    const { body } = await at.forge.repo('GET', `/commits/${sha}/statuses`);
    const newest = body.find(({ context }: { context: string }) => context === 'fairway/gate');
    return `${newest?.state}: ${newest?.description}`;
  };
  return { at, sha, number, other, report, end, gate };
}

t.test('a commit that two pull requests share is green only when both are proven', async (t) => {
  const { number, other, end, gate } = await given(t);
  await end(other, 'failed', 'render: no config item newitem');
  t.equal(await gate(), 'failure: #2 into alpha: render: no config item newitem');
  await end(number, 'succeeded');
  t.equal(await gate(), 'failure: #2 into alpha: render: no config item newitem', 'the better verdict hides nothing');
});

t.test('while one of them is being proven, the other one is not green either', async (t) => {
  const { number, end, gate } = await given(t);
  await end(number, 'succeeded');
  t.match(await gate(), /^pending: #2 into alpha: /);
});

t.test('what was closed has no say any more', async (t) => {
  const { at, number, other, end, report, gate } = await given(t);
  await end(other, 'failed', 'render: no config item newitem');
  await end(number, 'succeeded');
  await at.forge.repo('PATCH', `/pulls/${other}`, { state: 'closed' });
  await at.pullRequest('closed', other);
  await report(other);
  t.match(await gate(), /^success: proven/);
});

t.test('a verdict that someone wrote over the gate is put right', async (t) => {
  const { at, sha, number, end, report, gate } = await given(t);
  await end(number, 'failed', 'upgrade: it broke');
  const forged = { state: 'success', context: 'fairway/gate', description: 'trust me' };
  await at.forge.repo('POST', `/statuses/${sha}`, forged, at.forge.tokens.writer);
  t.equal(await gate(), 'success: trust me');
  t.equal(
    await at.deliver('status', 'wim', { context: 'fairway/gate', sha, state: 'success' }),
    `the gate of ${sha.slice(0, 8)} is looked at again`,
  );
  t.ok(at.wakeups.some(({ wake }) => wake === 'report'));
  await report(number);
  t.equal(await gate(), 'failure: #1 into dev: upgrade: it broke');
  t.equal(
    await at.deliver('status', 'wim', { context: 'ci/other', sha, state: 'success' }),
    "ignored: the status ci/other is not Fairway's gate",
  );
});
