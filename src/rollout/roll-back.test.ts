import t, { type Test } from 'tap';
import { cluster } from '../domain/cluster.ts';
import { clusterVersion } from '../domain/cluster-version.ts';
import { advanceRun } from './advance-run.ts';
import { concludeRun } from './conclude-run.ts';
import { rollBack } from './roll-back.ts';
import type { PlanningUnderTest } from './testing/planning-under-test.ts';
import { givenChannel, repository, signal } from './testing/rollouts-under-test.ts';

/** A channel of two clusters that converged to one revision and is on its way to the next. */
async function onItsWay(t: Test, wanted: string) {
  const all = await givenChannel(t);
  const { at, rollOut, liveRun } = all;
  const channel = `channel: dev\nbranch: dev\nrollout: {rollback: ${wanted}, waves: [{name: all, maxUnavailable: 1}]}\n`;
  const good = await at.mergeProven('dev', { 'channels/dev.yaml': channel });
  for (const id of ['c1', 'c2'])
    await at.store.clusters.put(
      cluster.parse({ id, alias: id, local_id: id, api_server_url: '', channel: 'dev', provider: 'local' }),
    );
  await rollOut();
  const first = await liveRun();
  await at.end(first, 'succeeded');
  for (const id of ['c1', 'c2'])
    await at.store.clusters.update(id, (record) => ({
      ...record,
      status: { ...record.status, current_version: clusterVersion(good, record) },
    }));
  await concludeRun(at.planning, { ...first, status: 'succeeded' }, signal);
  const bad = await at.mergeProven('dev', { 'a.yaml': 'a: 1\n' });
  await rollOut();
  const second = await liveRun();
  /** c1 failed, so that c2 had no turn. */
  const fail = async () => {
    const stages = second.stages.map((stage) => {
      if (stage.cluster === undefined) return { ...stage, status: 'succeeded' as const, startedAt: 1 };
      return stage.cluster === 'c1'
        ? { ...stage, status: 'failed' as const, startedAt: 1 }
        : { ...stage, status: 'skipped' as const };
    });
    await at.end({ ...second, stages }, 'failed', 'converge/c1: the pod crashes');
    await concludeRun(at.planning, { ...second, stages, status: 'failed' }, signal);
  };
  return { ...all, good, bad, second, fail, rollBack: () => rollBackOf(at, 'dev') };
}

t.test(
  'a rollout that halts takes what it has reached back, where the channel wants that, and is not tried again',
  async (t) => {
    const { at, rollOut, live, liveRun, notes, good, bad, fail } = await onItsWay(t, 'auto');
    await fail();
    const back = await liveRun();
    t.match(back, { kind: 'rollback', headSha: good, baseSha: bad, requestedBy: 'fairway' });
    t.strictSame(
      [...new Set(back.stages.flatMap((stage) => stage.cluster ?? []))],
      ['c1'],
      'what was not reached is left alone',
    );
    t.match(await rollOut(), /^dev has had \w+ already$/);
    await at.end(back, 'succeeded');
    await concludeRun(at.planning, { ...back, status: 'succeeded' }, signal);
    t.equal(await live(), undefined);
    t.match(await rollOut(), /^dev has had \w+ already$/, 'what failed is not tried again');
    t.match(await at.store.channels.get(repository, 'dev'), { convergedSha: good, attemptedSha: bad });
    const newer = await at.mergeProven('dev', { 'a.yaml': 'a: 2\n' });
    await rollOut();
    t.match(await liveRun(), { kind: 'rollout', headSha: newer, baseSha: good });
    t.match(await notes(), [
      'roll-back',
      'roll-out',
      'roll-out',
      'roll-out',
      'rollback-succeeded',
      'rollout-failed',
      'rollout-succeeded',
    ]);
  },
);

t.test('a failed rollout that is concluded twice is gone back from once; whoever asks again is heard', async (t) => {
  const { at, live, liveRun, fail, second } = await onItsWay(t, 'auto');
  await fail();
  const back = await liveRun();
  await at.end(back, 'failed');
  await concludeRun(at.planning, { ...back, status: 'failed' }, signal);
  const failed = await at.store.runs.get(second.id);
  if (!failed) throw new Error('the rollout is gone');
  await concludeRun(at.planning, failed, signal);
  t.equal(await live(), undefined);
  t.equal((await at.store.runs.list({ kind: 'rollback' })).length, 1);
  const wish = { repository, channel: 'dev', requestedBy: 'wim', again: 'once more' };
  t.match(await rollBack(at.planning, wish, signal), { decision: 'begun', runId: (await liveRun()).id });
});

t.test('a newer revision, which may be the remedy, comes before going back', async (t) => {
  const { at, liveRun, fail } = await onItsWay(t, 'auto');
  const newer = await at.mergeProven('dev', { 'a.yaml': 'a: 2\n' });
  await fail();
  t.match(await liveRun(), { kind: 'rollout', headSha: newer });
});

t.test('a rollback that is killed before it has the channel does not make what failed count as untried', async (t) => {
  const { at, rollOut, fail, bad, engine } = await onItsWay(t, 'auto');
  const { channels } = at.store;
  const { claim } = channels;
  channels.claim = async () => {
    throw new Error('killed');
  };
  await t.rejects(fail(), /killed/);
  channels.claim = claim;
  const [unclaimed] = await at.store.runs.list({ kind: 'rollback' });
  await advanceRun({ ...engine, steps: new Map() }, unclaimed?.id ?? '').catch(() => {});
  t.match(await channels.get(repository, 'dev'), { liveRun: unclaimed?.id, attemptedSha: bad });
  t.match(await rollOut(), /^dev has had \w+ already$/);
});

t.test('going back waits for a word where the channel says so, and why it does not is said', async (t) => {
  const { at, live, liveRun, fail, second, rollBack: back } = await onItsWay(t, 'manual');
  t.equal(await back(), `dev has a rollout under way: cancel ${second.id} first`);
  await fail();
  t.equal(await live(), undefined);
  t.match(await back(), /^run rollback-dev-\w+ takes back to \w+ 1 clusters of dev$/);
  t.match(await liveRun(), { kind: 'rollback', requestedBy: 'wim' });
  const alpha = await rollBackOf(at, 'alpha');
  t.equal(alpha, 'alpha has never converged, so there is nothing to go back to');
  const never = await onItsWay(t, 'never');
  await never.fail();
  t.equal(await never.rollBack(), 'the channel file of dev says rollback: never');
  const calm = await givenChannel(t);
  await calm.rollOut();
  const run = await calm.liveRun();
  await calm.at.end(run, 'succeeded');
  await concludeRun(calm.at.planning, { ...run, status: 'succeeded' }, signal);
  t.equal(
    await rollBackOf(calm.at, 'dev'),
    'dev is where it converged to; to take back what was merged, revert it in the branch',
  );
});

async function rollBackOf(at: PlanningUnderTest, channel: string): Promise<string> {
  return (await rollBack(at.planning, { repository, channel, requestedBy: 'wim' }, signal)).said;
}
