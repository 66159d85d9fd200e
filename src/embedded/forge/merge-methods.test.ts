import { test } from 'tap';
import { ForgeUnderTest } from './testing/forge-under-test.ts';

test('squash makes one commit upon the base with the messages of all', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const clone = await at.clone();
  await clone.commitTo('a', { 'a.yaml': '1\n' });
  const { number } = await at.openPull(clone, 'a', { 'b.yaml': '2\n' });
  const base = await at.bare('rev-parse', 'dev');
  const { body } = await at.repo('PUT', `/pulls/${number}/merge`, { merge_method: 'squash' });
  t.equal(await at.bare('rev-parse', 'dev'), body.sha);
  t.equal(await at.bare('log', '-1', '--format=%P', 'dev'), base);
  t.equal(await at.bare('log', '-1', '--format=%B', 'dev'), 'Change a (#1)\n\n* Change a.yaml\n\n* Change b.yaml\n');
  t.equal(await at.bare('diff', '--name-only', base, 'dev'), 'a.yaml\nb.yaml');
  t.equal(await at.bare('log', '-1', '--format=%an', 'dev'), 'olga');
});

test('rebase replays each commit upon the moved base and keeps its author', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const clone = await at.clone();
  await clone.commitTo('a', { 'a.yaml': '1\n' });
  const { number, sha } = await at.openPull(clone, 'a', { 'b.yaml': '2\n' });
  const other = await at.openPull(clone, 'other', { 'c.yaml': '3\n' });
  await at.repo('PUT', `/pulls/${other.number}/merge`, { merge_method: 'rebase' });
  const base = await at.bare('rev-parse', 'dev');
  t.equal((await at.repo('PUT', `/pulls/${number}/merge`, { merge_method: 'rebase' })).status, 200);
  t.equal(
    await at.bare('log', '--format=%s %an %cn', `${base}..dev`),
    'Change b.yaml Wim olga\nChange a.yaml Wim olga',
  );
  t.equal(await at.bare('rev-parse', 'dev~2'), base);
  t.equal(await at.bare('ls-tree', '-r', '--name-only', 'dev'), 'README.md\na.yaml\nb.yaml\nc.yaml\nchannels/dev.yaml');
  t.not(await at.bare('rev-parse', 'dev'), sha);
});

test('a merge commit takes the title and message that were given', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const { number } = await at.openPull(await at.clone(), 'a', { 'a.yaml': '1\n' });
  await at.repo('PUT', `/pulls/${number}/merge`, {
    commit_title: 'Roll out limits',
    commit_message: 'Evidence: run 7',
  });
  t.equal(await at.bare('log', '-1', '--format=%B', 'dev'), 'Roll out limits\n\nEvidence: run 7\n');
  const next = await at.openPull(await at.clone('next'), 'b', { 'b.yaml': '1\n' });
  await at.repo('PUT', `/pulls/${next.number}/merge`, {});
  t.equal(await at.bare('log', '-1', '--format=%B', 'dev'), 'Merge pull request #2 from acme/b\n\nChange b\n');
});

test('a conflict is answered as GitHub does, by every method, and moves nothing', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const clone = await at.clone();
  const winner = await at.openPull(clone, 'winner', { 'README.md': 'one\nTWO\nthree\n' });
  const loser = await at.openPull(clone, 'loser', { 'README.md': 'one\nzwei\nthree\n' });
  await at.repo('PUT', `/pulls/${winner.number}/merge`, {});
  const base = await at.bare('rev-parse', 'dev');
  t.match((await at.repo('GET', `/pulls/${loser.number}`)).body, {
    mergeable: false,
    mergeable_state: 'dirty',
    state: 'open',
  });
  for (const [merge_method, message] of [
    ['merge', 'Pull Request is not mergeable'],
    ['squash', 'Pull Request is not mergeable'],
    ['rebase', "This branch can't be rebased"],
  ]) {
    t.match(await at.repo('PUT', `/pulls/${loser.number}/merge`, { merge_method }), { status: 405, body: { message } });
  }
  t.equal(await at.bare('rev-parse', 'dev'), base);
});

test('strict checks want the head up to date with the base', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const clone = await at.clone();
  const first = await at.openPull(clone, 'first', { 'a.yaml': '1\n' });
  const second = await at.openPull(clone, 'second', { 'b.yaml': '1\n' });
  await at.repo('PUT', '/branches/dev/protection', {
    required_status_checks: { strict: true, contexts: ['fairway/gate'] },
    enforce_admins: true,
    required_pull_request_reviews: null,
    restrictions: null,
  });
  for (const { sha } of [first, second])
    await at.repo('POST', `/statuses/${sha}`, { state: 'success', context: 'fairway/gate' });
  t.equal((await at.repo('PUT', `/pulls/${first.number}/merge`, {})).status, 200);
  t.match((await at.repo('GET', `/pulls/${second.number}`)).body, { mergeable: true, mergeable_state: 'behind' });
  const behind = await at.repo('PUT', `/pulls/${second.number}/merge`, {});
  t.match(behind, { status: 405, body: { message: 'The head branch is not up to date with the base branch.' } });
});

test('a check run meets a required check, and every one that is not green is named', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const { sha } = await at.openPull(await at.clone(), 'a', { 'a.yaml': '1\n' });
  await at.repo('PUT', '/branches/dev/protection', {
    required_status_checks: { strict: false, contexts: ['fairway/gate', 'conformance', 'docs'] },
    enforce_admins: true,
    required_pull_request_reviews: null,
    restrictions: null,
  });
  await at.repo('POST', '/check-runs', { name: 'conformance', head_sha: sha, status: 'in_progress' });
  await at.repo('POST', `/statuses/${sha}`, { state: 'pending', context: 'docs' });
  const message = async () => (await at.repo('PUT', '/pulls/1/merge', {})).body.message;
  t.equal(
    await message(),
    'Required status check "fairway/gate" is expected. Required status check "conformance" is in progress. Required status check "docs" is pending.',
  );
  await at.repo('POST', '/check-runs', { name: 'conformance', head_sha: sha, conclusion: 'success' });
  await at.repo('POST', '/check-runs', { name: 'fairway/gate', head_sha: sha, conclusion: 'neutral' });
  await at.repo('POST', `/statuses/${sha}`, { state: 'success', context: 'docs' });
  t.equal(await message(), 'Pull Request successfully merged');
});

test('required approvals block until somebody else has approved', async (t) => {
  const at = await ForgeUnderTest.start(t);
  await at.openPull(await at.clone(), 'a', { 'a.yaml': '1\n' });
  await at.repo('PUT', '/branches/dev/protection', {
    required_status_checks: null,
    enforce_admins: true,
    required_pull_request_reviews: { required_approving_review_count: 1 },
    restrictions: null,
  });
  t.equal(
    (await at.repo('PUT', '/pulls/1/merge', {})).body.message,
    'At least 1 approving review is required by reviewers with write access.',
  );
  const own = await at.repo('POST', '/pulls/1/reviews', { event: 'APPROVE' });
  t.match(own, { status: 422, body: { errors: [{ message: 'Can not approve your own pull request' }] } });
  await at.repo('POST', '/pulls/1/reviews', { event: 'APPROVE', body: 'fine' }, at.tokens.writer);
  t.match((await at.repo('GET', '/pulls/1/reviews')).body, [{ state: 'APPROVED', user: { login: 'wim' } }]);
  t.equal((await at.repo('PUT', '/pulls/1/merge', {})).status, 200);
});

test('two merges at once: each is made, one after the other', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const clone = await at.clone();
  for (const name of ['a', 'b', 'c']) await at.openPull(clone, name, { [`${name}.yaml`]: '1\n' });
  const merges = await Promise.all([1, 2, 3, 1].map((number) => at.repo('PUT', `/pulls/${number}/merge`, {})));
  t.strictSame(
    merges.map(({ status }) => status),
    [200, 200, 200, 405],
  );
  t.equal(await at.bare('rev-list', '--count', '--merges', 'dev'), '3');
});

test('a pull request is closed with its branch, and merged when its commits arrive by another way', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const clone = await at.clone();
  await at.openPull(clone, 'a', { 'a.yaml': '1\n' });
  await at.openPull(clone, 'b', { 'b.yaml': '1\n' });
  await clone.git('push', '--quiet', 'origin', ':a');
  t.match((await at.repo('GET', '/pulls/1')).body, { state: 'closed', merged: false });
  const reopen = await at.repo('PATCH', '/pulls/1', { state: 'open' });
  t.match(reopen, {
    status: 422,
    body: { errors: [{ message: 'state cannot be changed. The a branch has been deleted.' }] },
  });
  await clone.git('push', '--quiet', 'origin', 'b:dev');
  t.match((await at.repo('GET', '/pulls/2')).body, { state: 'closed', merged: true, merged_by: { login: 'wim' } });
});
