import t from 'tap';
import { cluster } from '../domain/cluster.ts';
import { clusterVersion } from '../domain/cluster-version.ts';
import { isFinal, type Run } from '../domain/run.ts';
import { advanceRun } from './advance-run.ts';
import { concludeRun } from './conclude-run.ts';
import { givenChannel, repository, signal } from './testing/rollouts-under-test.ts';

t.test('a rollout that a newer push overtakes ends, and the newer one follows it', async (t) => {
  const { at, rollOut, live, liveRun, engine, notes } = await givenChannel(t);
  await rollOut();
  const first = await liveRun();
  const newer = await at.mergeProven('dev', { 'a.yaml': 'a: 1\n' });
  t.equal(await rollOut(), `dev waits for run ${first.id} to end`);
  await advanceRun(engine, first.id);
  t.match(await at.store.runs.get(first.id), {
    status: 'cancelled',
    cancelReason: `superseded by ${newer.slice(0, 8)}`,
  });
  t.equal((await liveRun()).headSha, newer);
  t.same(await notes(), ['roll-out', 'roll-out', 'rollout-cancelled']);
  t.ok(await live());
});

t.test('a rollout ends although the newest revision can not be rolled out', async (t) => {
  const { at, rollOut, live, liveRun, notes } = await givenChannel(t);
  await rollOut();
  const run = await liveRun();
  await at.mergeProven('dev', { 'channels/dev.yaml': 'channel: dev\n' });
  for (let twice = 0; twice < 2; twice++) await concludeRun(at.planning, { ...run, status: 'succeeded' }, signal);
  t.equal(await live(), undefined);
  t.match(await at.store.channels.get(repository, 'dev'), { convergedSha: run.headSha });
  t.same(await notes(), ['roll-out', 'rollout-succeeded'], 'noted once');
});

t.test('a rollout ends while the forge is away', async (t) => {
  const { at, rollOut, live, liveRun } = await givenChannel(t);
  await rollOut();
  const run = await liveRun();
  await at.forge.forge.close();
  await concludeRun(at.planning, { ...run, status: 'failed' }, signal);
  t.equal(await live(), undefined);
});

t.test('a run whose maker was killed before the channel was claimed does not run beside another', async (t) => {
  const { at, rollOut, live, engine } = await givenChannel(t);
  const { channels } = at.store;
  const { claim } = channels;
  channels.claim = async () => {
    throw new Error('killed');
  };
  await t.rejects(rollOut(), /killed/);
  channels.claim = claim;
  const [unclaimed] = await at.store.runs.list({ kind: 'rollout' });
  await at.mergeProven('dev', { 'a.yaml': 'a: 1\n' });
  await rollOut();
  const claimed = await live();
  t.not(claimed, unclaimed?.id);
  await advanceRun(engine, unclaimed?.id ?? '');
  t.match(await at.store.runs.get(unclaimed?.id ?? ''), {
    status: 'cancelled',
    reason: 'render: another rollout of the channel began first',
  });
  t.equal(await live(), claimed, 'the claim of the other one stays');
});

t.test('a pull request whose closing no webhook told is caught up', async (t) => {
  const { at } = await givenChannel(t);
  const { number } = await at.openPull('a', { 'a.yaml': 'a: 1\n' });
  await at.catchUp(t);
  t.match(await at.runs(number), [{ status: 'queued', cancelReason: undefined }]);
  await at.forge.repo('PATCH', `/pulls/${number}`, { state: 'closed' });
  await at.catchUp(t);
  t.match(await at.runs(number), [{ cancelReason: 'the pull request was closed' }]);
});

t.test('catching up asks nothing about pull requests that have their run', async (t) => {
  const { at } = await givenChannel(t);
  for (const branch of ['a', 'b']) await at.openPull(branch, { [`${branch}.yaml`]: 'a: 1\n' });
  const asked: number[] = [];
  const { pullRequest } = at.planning.forge;
  at.planning.forge.pullRequest = (repository, number) => {
    asked.push(number);
    return pullRequest(repository, number);
  };
  await at.catchUp(t);
  t.same(new Set(asked), new Set([1, 2]));
  asked.length = 0;
  await at.catchUp(t);
  t.same(asked, []);
  t.notOk((await at.store.runs.list({ kind: 'pull-request' })).some(({ status }) => isFinal(status)));
});

t.test('a branch that is put back to a revision that was rolled out before has it rolled out again', async (t) => {
  const { at, rollOut, live, liveRun } = await givenChannel(t);
  const first = await at.clone.git('rev-parse', 'dev');
  const heads: string[] = [];
  const seen = new Set<string>();
  const rollsOut = async (sha: string) => {
    await rollOut();
    const run = await liveRun();
    t.equal(run.headSha, sha);
    t.notOk(isFinal(run.status), 'it is still to be done');
    t.notOk(seen.has(run.id), 'it is a run of its own');
    seen.add(run.id);
    heads.push(sha);
    await at.end(run, 'succeeded');
    await concludeRun(at.planning, { ...run, status: 'succeeded' }, signal);
    t.equal(await live(), undefined);
  };
  await rollsOut(first);
  const second = await at.mergeProven('dev', { 'a.yaml': 'a: 1\n' });
  await rollsOut(second);
  for (const sha of [first, second, first]) {
    await at.clone.git('push', '--quiet', '--force', 'origin', `${sha}:dev`);
    const { convergedTree = '' } = await at.store.channels.get(repository, 'dev');
    await at.prove('dev', convergedTree, sha);
    await rollsOut(sha);
  }
});

t.test(
  'what the registry says anew of a channel that has converged is rolled out to those clusters alone, once',
  async (t) => {
    const { at, rollOut, live, liveRun } = await givenChannel(t);
    const register = (id: string, items: Record<string, string> = {}) => {
      const fields = { id, alias: id, local_id: id, api_server_url: '', channel: 'dev', provider: 'local' };
      return at.store.clusters.put(cluster.parse({ ...fields, config_items: items }));
    };
    /** What the steps of a rollout would have done. */
    const conclude = async (run: Run, status: 'succeeded' | 'failed') => {
      for (const id of clustersOf(run))
        await at.store.clusters.update(id, (record) => {
          const version = clusterVersion(run.headSha, record);
          const now = status === 'succeeded' ? { current_version: version } : { next_version: version };
          return { ...record, status: { ...record.status, ...now } };
        });
      await at.end(run, status);
      await concludeRun(at.planning, { ...run, status }, signal);
    };
    const clustersOf = (run: Run) => [...new Set(run.stages.flatMap((stage) => stage.cluster ?? []))];
    await register('old');
    await rollOut();
    const first = await liveRun();
    await register('new');
    t.match(await rollOut(), /^dev has had \w+ already$/, 'not while the others are on their way');
    await conclude(first, 'succeeded');
    const joining = await liveRun();
    t.strictSame(clustersOf(joining), ['new'], 'a new cluster gets what the others have');
    t.match(joining, { headSha: first.headSha, baseSha: undefined });
    await conclude(joining, 'failed');
    t.match(await rollOut(), /^dev has had \w+ already$/, 'it is tried once');
    t.equal(await live(), undefined);
    t.match(
      await at.store.channels.get(repository, 'dev'),
      { convergedSha: first.headSha },
      'the others stay as they are',
    );
    await at.store.clusters.update('old', (record) => ({ ...record, config_items: { size: 'big' } }));
    await rollOut();
    const changed = await liveRun();
    t.strictSame(clustersOf(changed), ['old'], 'a changed config item is rolled out');
    await conclude(changed, 'succeeded');
    t.match(await rollOut(), /^dev has had \w+ already$/);
  },
);
