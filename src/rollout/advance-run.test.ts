import t from 'tap';
import { FairwayError } from '../domain/errors.ts';
import type { StepOutcome } from '../steps/step.ts';
import { advanceRun } from './advance-run.ts';
import { givenRun as given, no, outcomes, type Script, stage, yes } from './testing/engine-under-test.ts';

t.test('stages run in order, each step once, and the end is concluded once', async (t) => {
  const { finish, calls, concluded, store } = await given(t, {
    scripts: { yes },
    stages: [stage('a', 'yes'), stage('b', 'yes'), stage('clean', 'yes', { always: true })],
  });
  const run = await finish();
  t.equal(run.status, 'succeeded');
  t.same(calls, ['yes@a', 'yes@b', 'yes@clean']);
  t.same(concluded, ['succeeded']);
  t.match(
    (await store.runs.log('r1', 0, 100)).map(({ stage, text }) => `${stage}: ${text}`),
    ['a: yes …', 'a: yes succeeded: yes'],
  );
});

t.test('what the world refuses ends the run as failed, later stages are skipped, cleaning up is done', async (t) => {
  const { finish, calls } = await given(t, {
    scripts: { yes, no },
    stages: [stage('a', 'no'), stage('b', 'yes'), stage('clean', 'yes', { always: true })],
  });
  const run = await finish();
  t.equal(run.status, 'failed');
  t.equal(run.reason, 'a: the world said no');
  t.same(outcomes(run), { a: 'failed: the world said no', b: 'skipped: a failed', clean: 'succeeded: yes' });
  t.same(calls, ['no@a', 'yes@clean']);
});

t.test('waiting holds no worker, and the step is called again with what it left', async (t) => {
  const wait: Script = (call) =>
    call < 3
      ? { outcome: 'running', progress: `turn ${call}`, retryAfter: 5 }
      : { outcome: 'succeeded', summary: 'done' };
  const { finish, calls } = await given(t, { scripts: { wait }, stages: [stage('a', 'wait')] });
  t.equal((await finish()).status, 'succeeded');
  t.equal(calls.length, 3);
});

t.test('stages with the same predecessor run beside each other', async (t) => {
  const wait: Script = (call) =>
    call === 1 ? { outcome: 'running', progress: 'x', retryAfter: 20 } : { outcome: 'succeeded', summary: '' };
  const { finish, calls } = await given(t, {
    scripts: { yes, wait },
    stages: [stage('a', 'yes'), stage('b', 'wait', { after: ['a'] }), stage('c', 'wait', { after: ['a'] })],
  });
  await finish();
  t.same(calls.slice(0, 3).sort(), ['wait@b', 'wait@c', 'yes@a']);
});

t.test('no result is never a success', async (t) => {
  const unknown: Script = () => ({ outcome: 'unknown', reason: 'zero specs ran' });
  const skip: Script = () => ({ outcome: 'skipped', reason: 'nothing to do' });
  t.equal(
    (await (await given(t, { scripts: { unknown }, stages: [stage('a', 'unknown')] })).finish()).status,
    'unknown',
  );
  t.equal((await (await given(t, { scripts: { skip }, stages: [stage('a', 'skip')] })).finish()).status, 'unknown');
  t.equal(
    (await (await given(t, { scripts: { yes }, stages: [stage('clean', 'yes', { always: true })] })).finish()).status,
    'unknown',
  );
});

t.test('a step that is not done by its deadline says what it still waited for', async (t) => {
  const late: Script = () => ({ outcome: 'running', progress: 'Deployment web: 0 of 1 ready', retryAfter: 5 });
  const run = await (await given(t, { scripts: { late }, stages: [stage('a', 'late')] })).finish();
  t.equal(run.status, 'failed');
  t.match(run.reason, /^a: not done within 0 s; it still waited for: Deployment web: 0 of 1 ready$/);
});

t.test(
  'when the outside is away it is tried again; when we are broken it ends as errored, not as failed',
  async (t) => {
    const away: Script = (call) => {
      if (call < 2) throw new FairwayError('unavailable', 'the API server does not answer');
      return { outcome: 'succeeded', summary: '' };
    };
    const refused: Script = () => {
      throw new FairwayError('refused', 'no such profile');
    };
    const missing: Script = () => {
      throw new FairwayError('missing', 'the cluster is gone');
    };
    t.equal((await (await given(t, { scripts: { away }, stages: [stage('a', 'away')] })).finish()).status, 'succeeded');
    t.match(await (await given(t, { scripts: { refused }, stages: [stage('a', 'refused')] })).finish(), {
      status: 'failed',
      reason: 'a: no such profile',
    });
    t.match(await (await given(t, { scripts: { missing }, stages: [stage('a', 'missing')] })).finish(), {
      status: 'errored',
      reason: 'a: the cluster is gone',
    });
  },
);

t.test('cancelling ends what runs, skips what would come, and still cleans up', async (t) => {
  const wait: Script = () => ({ outcome: 'running', progress: 'x', retryAfter: 60_000 });
  const { engine, store, finish, calls } = await given(t, {
    scripts: { yes, wait },
    stages: [stage('a', 'wait'), stage('b', 'yes'), stage('clean', 'yes', { always: true })],
  });
  await advanceRun(engine('w1'), 'r1');
  await store.runs.requestCancel('r1', 'superseded by abc');
  const run = await finish();
  t.equal(run.status, 'cancelled');
  t.same(outcomes(run), {
    a: 'cancelled: superseded by abc',
    b: 'cancelled: superseded by abc',
    clean: 'succeeded: yes',
  });
  t.same(calls, ['wait@a', 'stop wait@a', 'yes@clean']);
});

t.test('a worker that dies in a step is followed by another, which calls that step again and no other', async (t) => {
  let hang = true;
  const stuck: Script = () =>
    hang ? new Promise<StepOutcome>(() => {}) : { outcome: 'succeeded', summary: 'at last' };
  const { engine, finish, calls, store } = await given(t, {
    scripts: { yes, stuck },
    stages: [stage('a', 'yes'), stage('b', 'stuck')],
  });
  const lease = await store.runs.lease('r1', 'dead', 1);
  t.ok(lease);
  await new Promise((resolve) => setTimeout(resolve, 10));
  // Renewed every second, and not lost when this process gets no time for a while.
  void advanceRun(engine('w1', 3_000), 'r1').catch(() => {});
  while (!calls.includes('stuck@b')) await new Promise((resolve) => setTimeout(resolve, 10));
  await new Promise((resolve) => setTimeout(resolve, 3_200));
  t.same(calls, ['yes@a', 'stuck@b']);
  await advanceRun(engine('w2'), 'r1');
  t.same(calls, ['yes@a', 'stuck@b'], 'while the first lives and renews its lease, nobody else works');
  hang = false;
  // What a dead worker leaves: a lease that nobody renews.
  await store.runs.release('r1', 'w1');
  const run = await finish('w2');
  t.equal(run.status, 'succeeded');
  t.same(calls, ['yes@a', 'stuck@b', 'stuck@b']);
});
