import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { FairwayError } from '../domain/errors.ts';
import type { Run } from '../domain/run.ts';
import { advanceRun } from './advance-run.ts';
import { givenRun, outcomes, type Script, stage, yes } from './testing/engine-under-test.ts';

const waits: Script = () => ({ outcome: 'running', progress: 'a pod', retryAfter: 60_000 });

t.test('a step that is too late, or breaks, is stopped outside too', async (t) => {
  const late: Script = () => ({ outcome: 'running', progress: 'a pod', retryAfter: 5 });
  const lost: Script = () => {
    throw new FairwayError('missing', 'the cluster is gone');
  };
  const tooLate = await givenRun(t, { scripts: { late }, stages: [stage('a', 'late')] });
  t.equal((await tooLate.finish()).status, 'failed');
  t.equal(tooLate.calls.at(-1), 'stop late@a');
  const broken = await givenRun(t, { scripts: { lost }, stages: [stage('a', 'lost')] });
  t.equal((await broken.finish()).status, 'errored');
  t.equal(broken.calls.at(-1), 'stop lost@a');
});

t.test('time in which nobody looked, because Fairway or the machine slept, is not held against a step', async (t) => {
  const late: Script = (call) =>
    call === 1 ? { outcome: 'running', progress: 'a pod', retryAfter: 20 } : { outcome: 'succeeded', summary: 'well' };
  const { store, engine, finish } = await givenRun(t, {
    scripts: { late, yes },
    stages: [stage('a', 'late', { timeout: '30ms' }), stage('b', 'yes')],
  });
  await advanceRun(engine('w1'), 'r1');
  const run = await store.runs.lease('r1', 'w1', 10_000);
  const step = run?.stages[0]?.steps[0];
  if (!run?.stages[0] || !step?.startedAt || !step.retryAt) throw new Error('the step has not begun');
  const slept = 3_600_000;
  step.startedAt -= slept;
  step.retryAt -= slept;
  run.stages[0].startedAt = step.startedAt;
  await store.runs.save(run, 'w1');
  await store.runs.release('r1', 'w1');
  t.equal((await finish()).status, 'succeeded');
});

t.test('a wish to cancel that comes while a worker has the run is seen at once', async (t) => {
  const { store, engine, wakes } = await givenRun(t, {
    scripts: {
      async waits(...args) {
        await store.runs.requestCancel('r1', 'superseded by abc');
        return waits(...args);
      },
    },
    stages: [stage('a', 'waits')],
  });
  await advanceRun(engine('w1'), 'r1');
  t.ok(wakes.includes('run 0'), `woken by ${wakes.join(', ')}`);
  await advanceRun(engine('w1'), 'r1');
  t.equal((await store.runs.get('r1'))?.status, 'cancelled');
});

t.test('a step that takes long in one call is cut short by a wish to cancel, what cleans up is not', async (t) => {
  let cleaning = 0;
  const endless: Script = () => new Promise(() => {});
  const slow: Script = async () => {
    cleaning++;
    await sleep(150);
    return { outcome: 'succeeded', summary: 'clean' };
  };
  const { store, engine, calls } = await givenRun(t, {
    scripts: { endless, slow },
    stages: [stage('a', 'endless'), stage('b', 'slow', { always: true })],
  });
  const done = advanceRun(engine('w1', 60), 'r1');
  while (!calls.includes('endless@a')) await sleep(5);
  await store.runs.requestCancel('r1', 'wim commented /cancel');
  await done;
  const run = await store.runs.get('r1');
  t.match(run, { status: 'cancelled', cancelReason: 'wim commented /cancel' });
  t.match(outcomes(run as Run), { a: 'cancelled: wim commented /cancel', b: 'succeeded: clean' });
  t.strictSame(calls, ['endless@a', 'stop endless@a', 'slow@b']);
  t.equal(cleaning, 1);
});
