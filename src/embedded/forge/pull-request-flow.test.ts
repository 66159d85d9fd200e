import { Webhooks } from '@octokit/webhooks';
import { test } from 'tap';
import { ForgeUnderTest } from './testing/forge-under-test.ts';
import { WebhookReceiver } from './testing/webhook-receiver.ts';

const SECRET = 'a webhook secret of the tests';

test('a change goes from a push through its pull request and required check to a merge, and each step is told', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const receiver = await WebhookReceiver.start(t);
  const hook = { config: { url: receiver.url, content_type: 'json', secret: SECRET }, events: ['*'] };
  t.equal((await at.repo('POST', '/hooks', hook)).status, 201);
  await receiver.wait('ping');
  const protection = {
    required_status_checks: { strict: true, contexts: ['fairway/gate'] },
    enforce_admins: true,
    required_pull_request_reviews: null,
    restrictions: null,
  };
  t.equal((await at.repo('PUT', '/branches/dev/protection', protection)).status, 200);

  const clone = await at.clone();
  const first = await clone.commitTo('feature/limits', { 'cluster/limits.yaml': 'cpu: 1\n' });
  await clone.git('push', '--quiet', 'origin', 'feature/limits');
  const opened = await at.repo(
    'POST',
    '/pulls',
    { title: 'Add limits', body: 'Why', head: 'feature/limits', base: 'dev' },
    at.tokens.writer,
  );
  t.equal(opened.status, 201);
  t.match(opened.body, {
    number: 1,
    state: 'open',
    mergeable: true,
    mergeable_state: 'blocked',
    head: { sha: first },
    commits: 1,
    changed_files: 1,
  });
  t.equal(await at.bare('rev-parse', 'refs/pull/1/head'), first);

  const second = await clone.commitTo('feature/limits', { 'cluster/limits.yaml': 'cpu: 2\n' });
  await clone.git('push', '--quiet', 'origin', 'feature/limits');
  t.equal(await at.bare('rev-parse', 'refs/pull/1/head'), second);

  const early = await at.repo('PUT', '/pulls/1/merge', { sha: second });
  t.equal(early.status, 405);
  t.equal(early.body.message, 'Required status check "fairway/gate" is expected.');

  t.equal((await at.repo('POST', `/statuses/${second}`, { state: 'failure', context: 'fairway/gate' })).status, 201);
  t.equal(
    (await at.repo('PUT', '/pulls/1/merge', {})).body.message,
    'Required status check "fairway/gate" is failing.',
  );
  await at.repo('POST', `/statuses/${second}`, { state: 'success', context: 'fairway/gate', description: 'all green' });
  t.equal((await at.repo('GET', `/commits/${second}/status`)).body.state, 'success');
  await at.repo('POST', '/issues/1/comments', { body: '/test' }, at.tokens.reader);

  t.equal(
    (await at.repo('PUT', '/pulls/1/merge', { sha: first })).body.message,
    'Head branch was modified. Review and try the merge again.',
  );
  const merged = await at.repo('PUT', '/pulls/1/merge', { sha: second, merge_method: 'merge' });
  t.match(merged, { status: 200, body: { merged: true, message: 'Pull Request successfully merged' } });
  t.equal(await at.bare('rev-parse', 'dev'), merged.body.sha);
  t.equal(await at.bare('rev-parse', 'dev^2'), second);
  t.equal(await at.bare('show', 'dev:cluster/limits.yaml'), 'cpu: 2');
  t.match((await at.repo('GET', '/pulls/1')).body, {
    merged: true,
    state: 'closed',
    merge_commit_sha: merged.body.sha,
    merged_by: { login: 'olga' },
  });

  const [open] = await receiver.wait('pull_request', { action: 'opened' });
  t.match(open?.payload, {
    number: 1,
    pull_request: { base: { ref: 'dev', repo: { full_name: 'acme/config' } } },
    sender: { login: 'wim' },
  });
  t.notOk('installation' in (open?.payload ?? {}), 'there is no app installation');
  const [synchronized] = await receiver.wait('pull_request', { action: 'synchronize' });
  t.match(synchronized?.payload, { before: first, after: second, pull_request: { head: { sha: second } } });
  const [closed] = await receiver.wait('pull_request', { action: 'closed' });
  t.match(closed?.payload, { pull_request: { merged: true, merge_commit_sha: merged.body.sha } });
  const pushes = await receiver.wait('push', { count: 3 });
  t.strictSame(pushes.map(({ payload }) => payload.ref).sort(), [
    'refs/heads/dev',
    'refs/heads/feature/limits',
    'refs/heads/feature/limits',
  ]);
  t.match(pushes.find(({ payload }) => payload.after === second)?.payload, {
    before: first,
    forced: false,
    commits: [{ id: second, modified: ['cluster/limits.yaml'] }],
    pusher: { name: 'wim' },
  });
  const [comment] = await receiver.wait('issue_comment', { action: 'created' });
  t.match(comment?.payload, {
    issue: { number: 1, pull_request: {} },
    comment: { body: '/test', user: { login: 'rita' } },
  });
  await receiver.wait('status', { count: 2 });
  for (const { raw, signature } of receiver.received)
    t.ok(await new Webhooks({ secret: SECRET }).verify(raw, signature), 'the signature fits the body');
});
