import t from 'tap';
import { keepEvidence } from './keep-evidence.ts';
import { PlanningUnderTest } from './testing/planning-under-test.ts';

const sha = /^[0-9a-f]{40}$/;

t.test(
  'a group of the merge queue is proven as what the branch would become, and reported on its own commit',
  async (t) => {
    const at = await PlanningUnderTest.start(t);
    const base = (await at.clone.git('rev-parse', 'origin/dev')).trim();
    const head = await at.push('gh-readonly-queue/dev/pr-7', { 'cluster/a.yaml': 'a: 1\n' });
    const group = { base_sha: base, head_sha: head, base_ref: 'refs/heads/dev' };
    const deliver = (action: string, reason?: string): Promise<string> =>
      at.deliver('merge_group', 'github', { action, reason, merge_group: group });

    t.match(
      await deliver('checks_requested'),
      new RegExp(`^run group-dev-\\w+ for the merge group ${head.slice(0, 8)}$`),
    );
    t.match(await deliver('checks_requested'), /^run group-dev-\w+ exists already$/);
    const runs = await at.store.runs.list({ kind: 'pull-request' });
    t.match(runs, [{ headSha: head, baseSha: base, pullRequest: undefined, status: 'queued', tree: sha }]);
    t.equal(runs.length, 1);
    t.equal(await deliver('destroyed', 'dequeued'), '1 runs cancelled');
    t.equal(await at.store.runs.cancelReason(runs[0]?.id ?? ''), 'the merge queue has given the group up');
  },
);

t.test('a group whose tree has a verdict is not proven again; one for no channel has no run', async (t) => {
  const at = await PlanningUnderTest.start(t);
  const base = (await at.clone.git('rev-parse', 'origin/dev')).trim();
  const { number } = await at.openPull('change', { 'cluster/a.yaml': 'a: 1\n' });
  await at.pullRequest('opened', number);
  const [proof] = await at.runs(number);
  if (!proof) throw new Error('the pull request has no run');
  const runId = proof.id;
  await keepEvidence(at.store, { ...proof, status: 'succeeded' });

  const head = await at.push('gh-readonly-queue/dev/pr-1', { 'cluster/a.yaml': 'a: 1\n' });
  const group = { base_sha: base, head_sha: head, base_ref: 'refs/heads/dev' };
  await at.deliver('merge_group', 'github', { action: 'checks_requested', merge_group: group });
  const found = (await at.store.runs.list({ kind: 'pull-request' })).find((run) => run.pullRequest === undefined);
  t.match(found, { status: 'succeeded', reusedFrom: runId });

  const elsewhere = { ...group, base_ref: 'refs/heads/main' };
  t.match(
    await at.deliver('merge_group', 'github', { action: 'checks_requested', merge_group: elsewhere }),
    /: no channel has the branch main$/,
  );
});

t.test('when a branch moves, what was proven against it before is proven anew', async (t) => {
  const at = await PlanningUnderTest.start(t);
  const { number } = await at.openPull('change', { 'cluster/a.yaml': 'a: 1\n' });
  await at.pullRequest('opened', number);
  await at.push('dev', { 'cluster/b.yaml': 'b: 1\n' });
  await at.deliver('push', 'wim', { ref: 'refs/heads/dev', deleted: false });
  const runs = await at.runs(number);
  t.equal(runs.length, 2);
  t.not(runs[0]?.baseSha, runs[1]?.baseSha);
  t.match(await at.store.runs.cancelReason(runs[1]?.id ?? ''), /^superseded by /);
});
