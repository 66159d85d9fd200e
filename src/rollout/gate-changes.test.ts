import t from 'tap';
import { sampleRun } from '../api/testing/sample-run.ts';
import { gateChanges } from '../domain/gate-changes.ts';
import { commentBody } from '../report/summary.ts';
import { PlanningUnderTest, rules } from './testing/planning-under-test.ts';

const pipeline = rules['pipelines/pull-request.yaml'];

t.test('what judges a change are channels, pipelines and the suites that its pipeline runs', (t) => {
  const suite = { kind: 'suite', with: { run: 'e2e/cluster/' } };
  const stages = [{ stage: 'e2e', after: [], always: false, forEach: undefined, timeout: undefined, steps: [suite] }];
  const changed = [
    'channels/dev.yaml',
    'pipelines/x.yaml',
    'e2e/cluster/a.test.ts',
    'e2e/clusters/b.ts',
    'cluster/a.yaml',
  ];
  t.strictSame(gateChanges(changed, { stages }), changed.slice(0, 3));
  t.end();
});

t.test('a change of what judges it is told of', async (t) => {
  const at = await PlanningUnderTest.start(t);
  const { number } = await at.openPull('a', { 'pipelines/pull-request.yaml': `${pipeline}# weaker\n` });
  await at.pullRequest('opened', number);
  const [run] = await at.runs(number);
  t.match(run, { status: 'queued', gateChanges: ['pipelines/pull-request.yaml'] });
  const comment = commentBody(sampleRun('r1', { gateChanges: ['e2e/a.test.ts'] }), 'http://x', undefined);
  t.match(comment, /\*\*It changes what judges it\.\*\*.*\n- `e2e\/a\.test\.ts`/);
});

t.test(
  'where the channel wants it, such a change waits for the approval of someone else with write access',
  async (t) => {
    const at = await PlanningUnderTest.start(t);
    await at.push('dev', {
      'channels/dev.yaml': 'channel: dev\nbranch: dev\npullRequests: {gateChanges: review}\n',
      'channels/alpha.yaml': 'channel: alpha\nbranch: alpha\n',
    });
    const other = await at.openPull('b', { 'cluster/manifests/web/web.yaml': 'kind: A\n' });
    await at.pullRequest('opened', other.number);
    t.match(await at.runs(other.number), [{ status: 'queued', gateChanges: [] }], 'any other change does not');
    const { number, sha } = await at.openPull('a', { 'pipelines/pull-request.yaml': `${pipeline}# weaker\n` });
    await at.pullRequest('opened', number);
    const waits = {
      status: 'skipped',
      reason: `it changes what judges it (pipelines/pull-request.yaml); it is proven when someone else with write access has approved of ${sha.slice(0, 8)}`,
    };
    t.match(await at.runs(number), [waits]);
    await at.comment('/test', number, 'wim');
    t.match((await at.runs(number))[0], waits, 'asking for it does not help');
    const review = { event: 'APPROVE' };
    t.equal((await at.forge.repo('POST', `/pulls/${number}/reviews`, review, at.forge.tokens.admin)).status, 200);
    await at.catchUp(t);
    t.match(
      (await at.runs(number))[0],
      { status: 'queued', headSha: sha },
      'the approval is found without a delivery, too',
    );
    const newer = await at.push('a', { 'pipelines/pull-request.yaml': `${pipeline}# weaker still\n` });
    await at.headIs(number, newer);
    await at.pullRequest('synchronize', number);
    t.match((await at.runs(number))[0], { status: 'skipped', headSha: newer }, 'an approval is of one head');
  },
);
