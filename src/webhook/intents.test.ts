import t from 'tap';
import { intentOf } from './intents.ts';

const sha = 'a'.repeat(40);
const common = { repository: { full_name: 'acme/config' }, sender: { login: 'jane', type: 'User' } };
const of = (event: string, payload: object) =>
  intentOf({ id: 'd-1', event, payload: JSON.stringify({ ...common, ...payload }) });
const reason = (intent: ReturnType<typeof intentOf>) => (intent.intent === 'ignore' ? intent.reason : intent.intent);
const verify = { intent: 'verify', repository: 'acme/config', pullRequest: 7, requestedBy: 'jane', again: undefined };
const pull = (action: string, more: object = {}) =>
  of('pull_request', { action, number: 7, pull_request: { merged: false }, ...more });
const comment = (body: string, issue: object = {}, more: object = {}) =>
  of('issue_comment', {
    action: 'created',
    issue: { number: 7, state: 'open', pull_request: {}, ...issue },
    comment: { body, created_at: '2026-11-25T10:00:00Z' },
    ...more,
  });

t.test('a pull request that is opened or changes is to be verified', async (t) => {
  for (const action of ['opened', 'reopened', 'synchronize', 'labeled', 'ready_for_review', 'converted_to_draft']) {
    t.strictSame(pull(action), verify, action);
  }
  t.strictSame(pull('edited', { changes: { base: { ref: { from: 'dev' } } } }), verify, 'another base branch');
  t.equal(reason(pull('edited', { changes: { title: {} } })), 'pull_request edited changes nothing that is tested');
  t.equal(reason(pull('assigned')), 'pull_request assigned changes nothing that is tested');
});

t.test('a pull request that is closed is looked at too: by the time, it may be open again', async (t) => {
  t.strictSame(pull('closed'), verify);
  t.strictSame(pull('closed', { pull_request: { merged: true } }), verify);
});

t.test('a push to a branch may be a rollout', async (t) => {
  const rollOut = { intent: 'roll-out', repository: 'acme/config', branch: 'release/1', requestedBy: 'jane' };
  t.strictSame(of('push', { ref: 'refs/heads/release/1', deleted: false }), rollOut);
  t.equal(reason(of('push', { ref: 'refs/heads/old', deleted: true })), 'the branch old was deleted');
  t.equal(reason(of('push', { ref: 'refs/tags/v1', deleted: false })), 'refs/tags/v1 is not a branch');
});

t.test('a comment is a command when a line of it is nothing else', async (t) => {
  t.strictSame(comment('/test'), { ...verify, again: 'd-1' });
  t.match(comment('/cancel'), { intent: 'cancel', reason: 'jane commented /cancel' });
  const writtenAt = Date.parse('2026-11-25T10:00:00Z');
  t.match(comment('/ok-to-test\n/test'), { intent: 'trust', pullRequest: 7, requestedBy: 'jane', writtenAt });
  t.equal(reason(comment('please /test')), 'the comment holds no command on a line of its own');
  const said = '`/test` counts when nothing else stands on its line.';
  t.strictSame(comment('/test all'), {
    intent: 'answer',
    repository: 'acme/config',
    pullRequest: 7,
    said,
    requestedBy: 'jane',
  });
});

t.test('commands count on open pull requests, from people, once', async (t) => {
  t.equal(reason(comment('/test', { pull_request: undefined })), '/test: #7 is an issue, not a pull request');
  t.equal(reason(comment('/test', { state: 'closed' })), '/test: the pull request #7 is closed');
  t.equal(reason(comment('/test', {}, { action: 'edited' })), 'only new comments are read, not edited ones');
  t.equal(
    reason(comment('/tset', { state: 'closed' }))
      .split(': ')
      .at(-1),
    'the pull request #7 is closed',
  );
  t.equal(reason(comment('<!-- fairway:gate -->\n/test')), 'the comment is one of Fairway');
  const bot = comment('/test', {}, { sender: { login: 'fairway[bot]', type: 'Bot' } });
  t.equal(reason(bot), 'comments of bots are not read, and fairway[bot] is one');
});

t.test('a check that is run again, or all of them, verifies the pull requests of its commit again', async (t) => {
  const again = {
    intent: 'verify-commit',
    repository: 'acme/config',
    headSha: sha,
    again: 'd-1',
    requestedBy: 'jane',
  };
  const named = (numbers: number[]) => ({
    head_sha: sha,
    pull_requests: numbers.map((number) => ({ number })),
  });
  const check = (action: string, name: string, numbers: number[]) =>
    of('check_run', { action, check_run: { name, ...named(numbers) } });
  t.strictSame(check('rerequested', 'fairway/conformance', [7]), { ...again, pullRequests: [7] });
  t.strictSame(check('rerequested', 'fairway/e2e', []), { ...again, pullRequests: [] });
  t.equal(reason(check('created', 'fairway/e2e', [7])), 'check_run created asks for nothing');
  t.equal(reason(check('rerequested', 'lint', [7])), "the check lint is not one of Fairway's");
  const suite = (action: string, numbers: number[]) => of('check_suite', { action, check_suite: named(numbers) });
  t.strictSame(suite('rerequested', [3, 7]), { ...again, pullRequests: [3, 7] });
  t.strictSame(suite('rerequested', []), { ...again, pullRequests: [] });
  for (const action of ['completed', 'requested'])
    t.equal(reason(suite(action, [7])), `check_suite ${action} asks for nothing`);
});

t.test('a merge group is verified against its branch', async (t) => {
  const group = { head_sha: sha, base_sha: sha.replaceAll('a', 'b'), base_ref: 'refs/heads/dev' };
  t.strictSame(of('merge_group', { action: 'checks_requested', merge_group: group }), {
    intent: 'verify-merge-group',
    repository: 'acme/config',
    branch: 'dev',
    baseSha: group.base_sha,
    headSha: sha,
  });
  t.strictSame(of('merge_group', { action: 'destroyed', reason: 'dequeued', merge_group: group }), {
    intent: 'cancel-merge-group',
    repository: 'acme/config',
    headSha: sha,
    reason: 'the merge queue has given the group up',
  });
});

t.test('what has no use or can not be read is ignored, and why is said', async (t) => {
  t.equal(reason(of('ping', { zen: 'Keep it logically awesome.' })), 'a ping: the webhook reaches Fairway');
  t.equal(reason(of('gollum', {})), 'Fairway has no use for the event gollum');
  t.equal(reason(of('constructor', {})), 'Fairway has no use for the event constructor');
  t.equal(reason(intentOf({ id: 'd', event: 'push', payload: '{' })), 'the payload is malformed: it is not JSON');
  t.match(reason(of('push', { ref: 5 })), /^the payload is malformed: ref: .*expected string/);
  t.match(
    reason(of('push', { repository: { full_name: 'no slash' } })),
    /malformed: repository.full_name: expected owner\/name/,
  );
  t.match(reason(pull('opened', { number: -1 })), /^the payload is malformed: number: /);
});
