import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { Run } from '../domain/run.ts';
import { concludeRun } from './conclude-run.ts';
import { PlanningUnderTest } from './testing/planning-under-test.ts';

const change = { 'cluster/manifests/web/web.yaml': 'kind: A\n' };
const waits = 'skipped, it is a draft; it is proven when it is marked ready for review, or by /test';
const drafted = 'the pull request was made a draft';

/** A pull request to dev, which the embedded forge can open as a draft, and no more: what it is then, the test says. */
async function given(t: Test, drafts: 'prove' | 'wait') {
  const at = await PlanningUnderTest.start(t);
  await at.push('dev', {
    'channels/dev.yaml': `channel: dev\nbranch: dev\npullRequests: {drafts: ${drafts}}\n`,
    'channels/alpha.yaml': 'channel: alpha\nbranch: alpha\n',
  });
  await at.push('a', change);
  const order = { title: 'a', head: 'a', base: 'dev', draft: true };
  const { number } = (await at.forge.repo('POST', '/pulls', order, at.forge.tokens.writer)).body;
  const is = { draft: true };
  const { forge } = at.planning;
  at.planning.forge = {
    ...forge,
    async pullRequest(repository, number) {
      const pull = await forge.pullRequest(repository, number);
      return pull && { ...pull, ...is };
    },
    openPullRequests: async (repository) =>
      (await forge.openPullRequests(repository)).map((pull) => ({ ...pull, ...is })),
  };
  const become = async (action: 'ready_for_review' | 'converted_to_draft') => {
    is.draft = action === 'converted_to_draft';
    await sleep(2);
    return at.pullRequest(action, number);
  };
  const runs = async () =>
    (await at.runs(number)).map(({ status, reason, cancelReason }) => {
      return cancelReason ?? (reason === '' ? status : `${status}, ${reason}`);
    });
  const newest = async (): Promise<Run> => {
    const [run] = await at.runs(number);
    if (!run) throw new Error('there is no run');
    return run;
  };
  return { at, number, is, become, runs, newest };
}

t.test('a draft is proven like any other, unless its channel says otherwise', async (t) => {
  const { at, number, become, runs } = await given(t, 'prove');
  await at.pullRequest('opened', number);
  await become('ready_for_review');
  await become('converted_to_draft');
  t.same(await runs(), ['queued']);
});

t.test('where drafts wait, one is proven when it is ready, and its run ends when it is a draft again', async (t) => {
  const { at, number, become, runs } = await given(t, 'wait');
  for (const action of ['opened', 'labeled']) await at.pullRequest(action, number);
  await at.catchUp(t);
  t.same(await runs(), [waits]);
  await become('ready_for_review');
  await at.pullRequest('labeled', number);
  t.same(await runs(), ['queued', waits]);
});

t.test('a pull request that is made a draft has no run any more, and is proven when it is ready again', async (t) => {
  const { at, number, is, become, runs } = await given(t, 'wait');
  is.draft = false;
  await at.pullRequest('opened', number);
  t.same(await runs(), ['queued']);
  t.equal(await become('converted_to_draft').then((said) => /^run pr-1-\w+ for #1/.test(said)), true);
  t.same(await runs(), [waits, drafted]);
  await become('ready_for_review');
  t.same(await runs(), ['queued', waits, drafted]);
});

t.test('a draft is proven when someone asks for it, and that run goes on', async (t) => {
  const { at, number, runs } = await given(t, 'wait');
  await at.pullRequest('opened', number);
  await sleep(2);
  await at.comment('/test', number, 'wim');
  for (const action of ['labeled', 'converted_to_draft']) await at.pullRequest(action, number);
  await at.catchUp(t);
  t.same(await runs(), ['queued', waits]);
});

t.test('what is known of a draft without a cluster is told', async (t) => {
  const { at, number, become, newest, runs } = await given(t, 'wait');
  await at.pullRequest('opened', number);
  await become('ready_for_review');
  const run = await newest();
  await at.end(run, 'succeeded', 'proven');
  await concludeRun(at.planning, { ...run, status: 'succeeded' }, AbortSignal.timeout(60_000));
  await become('converted_to_draft');
  t.same(await runs(), ['succeeded, proven', waits], 'it is proven, also as a draft');
  await at.push('a', { 'channels/dev.yaml': 'channel: dev\n' });
  await at.push('dev', { 'channels/dev.yaml': 'channel: dev\nbranch: dev\npullRequests: {drafts: wait}\n#\n' });
  await sleep(2);
  await at.pullRequest('synchronize', number);
  t.match((await runs())[0], /^failed, a can't be merged into dev: conflicts in channels\/dev.yaml/);
});

t.test('that a draft is ready is found without the delivery', async (t) => {
  const { at, number, is, runs } = await given(t, 'wait');
  await at.pullRequest('opened', number);
  is.draft = false;
  await sleep(2);
  await at.catchUp(t);
  t.same(await runs(), ['queued', waits]);
});
