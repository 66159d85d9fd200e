import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { reportRun } from '../report/reporter.ts';
import { concludeRun } from './conclude-run.ts';
import { PlanningUnderTest, rules } from './testing/planning-under-test.ts';

const change = { 'cluster/manifests/web/web.yaml': 'kind: A\n' };

/** A pull request to dev whose run goes on, beside the channel alpha and a branch without a channel. */
async function given(t: Test) {
  const at = await PlanningUnderTest.start(t);
  await at.push('alpha', rules);
  await at.push('notes', { 'notes.md': 'notes\n' });
  const { number, sha } = await at.openPull('a', change);
  await at.pullRequest('opened', number);
  const retarget = async (base: string) => {
    await at.forge.repo('PATCH', `/pulls/${number}`, { base });
    return at.deliver('pull_request', 'wim', {
      action: 'edited',
      number,
      changes: { base: { ref: { from: 'dev' } } },
    });
  };
  const runs = async () =>
    (await at.runs(number)).map(({ policy, status, reason, cancelReason }) => {
      return `${policy.branch}: ${cancelReason ?? (reason === '' ? status : `${status}, ${reason}`)}`;
    });
  /** Ends what was cancelled, as a worker does, and says what the forge shows of the head then. */
  const shown = async () => {
    for (const run of await at.runs(number))
      if (run.cancelReason !== undefined && run.finishedAt === undefined) {
        const reason = run.cancelReason;
        const stages = run.stages.map((stage) => ({ ...stage, status: 'cancelled' as const, reason }));
        await at.end({ ...run, stages }, 'cancelled', reason);
      }
    for (const { id } of (await at.runs(number)).toReversed()) await tell(at, id);
    const { body } = await at.forge.repo('GET', `/commits/${sha}/status`);
    const statuses: { context: string; state: string; description: string }[] = body.statuses;
    return Object.fromEntries(statuses.map(({ context, state, description }) => [context, `${state}: ${description}`]));
  };
  return { at, number, sha, retarget, runs, shown };
}

async function tell(at: PlanningUnderTest, id: string): Promise<void> {
  const { runs, reports } = at.store;
  const artifacts = { put: async () => {}, putFile: async () => {}, list: async () => [], open: async () => undefined };
  // As a token meets it on GitHub, where only apps write checks.
  const forge = { ...at.planning.forge, reportCheck: async () => 'unsupported' as const };
  await reportRun({ runs, reports, artifacts, forge, runUrl: (run) => `http://fairway/runs/${run}` }, id);
}

t.test('a pull request that goes into a branch without a channel now has no run, and says why', async (t) => {
  const { at, retarget, runs, shown } = await given(t);
  t.match(await shown(), { 'fairway/gate': 'pending: waiting for a worker' });
  t.equal(await retarget('notes'), '#1: no channel has the branch notes; 1 runs cancelled');
  const ended = ['notes: unknown, no channel has the branch notes', 'dev: the pull request was retargeted to notes'];
  t.same(await runs(), ended);
  t.strictSame(await shown(), {
    'fairway/gate': 'error: no channel has the branch notes',
    'fairway/render': 'error: the pull request was retargeted to notes',
  });
  await at.push('notes', { 'more.md': 'more\n' });
  await at.deliver('push', 'wim', { ref: 'refs/heads/notes', deleted: false });
  t.equal(await retarget('notes'), '#1: no channel has the branch notes');
  t.same(await runs(), ended, 'and that is said once');
});

t.test(
  'what was proven for one base does not stay green for another, and counts again when it comes back',
  async (t) => {
    const { at, number, retarget, runs, shown } = await given(t);
    const [first] = await at.runs(number);
    if (!first) throw new Error('there is no run');
    await at.end(first, 'succeeded', 'proven');
    await concludeRun(at.planning, { ...first, status: 'succeeded' }, AbortSignal.timeout(60_000));
    t.match(await shown(), { 'fairway/gate': /^success/ });
    await retarget('notes');
    t.match(await shown(), { 'fairway/gate': 'error: no channel has the branch notes' });
    await sleep(2);
    await retarget('dev');
    t.match(await shown(), {
      'fairway/gate': `success: the same change to the same base was proven by run ${first.id}`,
    });
    await retarget('dev');
    t.equal((await runs()).length, 3, 'news of the same begin nothing');
  },
);

t.test('a pull request that goes into another channel now is proven for that one', async (t) => {
  const { at, retarget, runs } = await given(t);
  await at.clone.git('push', '--quiet', '--force', 'origin', 'origin/dev:alpha');
  t.match(await retarget('alpha'), /^run pr-1-\w+ for #1 at/, 'even if both stand at the same commit');
  t.same(await runs(), ['alpha: queued', 'dev: the pull request was retargeted to alpha']);
  await sleep(2);
  t.match(await retarget('dev'), /^run pr-1-\w+ for #1 at/);
  t.match(await runs(), ['dev: queued', /retargeted to dev/, /retargeted to alpha/]);
});

t.test('that a pull request was retargeted is found without the delivery', async (t) => {
  const { at, number, runs } = await given(t);
  await at.clone.git('push', '--quiet', '--force', 'origin', 'origin/dev:alpha');
  await at.forge.repo('PATCH', `/pulls/${number}`, { base: 'alpha' });
  await at.catchUp(t);
  t.same(await runs(), ['alpha: queued', 'dev: the pull request was retargeted to alpha']);
  await at.forge.repo('PATCH', `/pulls/${number}`, { base: 'notes' });
  await at.catchUp(t);
  t.match((await runs())[1], /retargeted to notes/);
});

t.test('a base whose rules name no channel any more ends the runs against it', async (t) => {
  const { at, number, runs } = await given(t);
  await at.push('dev', { 'channels/dev.yaml': 'channel: dev\nbranch: main\npromotion: {to: alpha}\n' });
  await at.deliver('push', 'wim', { ref: 'refs/heads/dev', deleted: false });
  t.same(await runs(), [
    'dev: unknown, no channel has the branch dev',
    'dev: nothing is to be proven: no channel has the branch dev',
  ]);
  t.equal((await at.store.runs.list({ pullRequest: number, live: true }))[0]?.cancelReason?.slice(0, 7), 'nothing');
});

t.test('a pull request whose base branch is gone has no run, until there is one again', async (t) => {
  const { at, number, runs } = await given(t);
  const { forge } = at.planning;
  // The embedded forge closes such a pull request at once.
  at.planning.forge = {
    ...forge,
    async pullRequest(repository, number) {
      const pull = await forge.pullRequest(repository, number);
      return pull && { ...pull, baseBranch: 'gone' };
    },
  };
  t.equal(await at.pullRequest('labeled', number), '#1: its base branch gone is not there any more; 1 runs cancelled');
  t.same(await runs(), ['dev: nothing is to be proven: its base branch gone is not there any more']);
  at.planning.forge = forge;
  await sleep(2);
  t.match(await at.pullRequest('labeled', number), /^run pr-1-\w+ for #1 at/);
  t.match(await runs(), ['dev: queued', /not there any more/]);
});
