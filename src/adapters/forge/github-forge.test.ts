import { test } from 'tap';
import { ForgeUnderTest } from '../../embedded/forge/testing/forge-under-test.ts';
import { WebhookReceiver } from '../../embedded/forge/testing/webhook-receiver.ts';
import { createGithubForge } from './github-forge.ts';

const REPOSITORY = 'acme/config';

function adapter(at: ForgeUnderTest, token = at.tokens.writer) {
  return createGithubForge({
    baseUrl: at.forge.apiUrl,
    gitBaseUrl: at.forge.url,
    auth: { token },
    pace: 'none',
    retryUnitMs: 1,
  });
}

test('pull requests are read as the port words them', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const { sha } = await at.openPull(await at.clone(), 'feature/a', { 'a.yaml': 'a: 1\n' });
  await at.repo('POST', '/issues/1/labels', ['ready']);
  const forge = adapter(at);
  const dev = await at.bare('rev-parse', 'dev');
  const expected = {
    number: 1,
    title: 'Change feature/a',
    state: 'open',
    merged: false,
    draft: false,
    author: 'olga',
    fork: false,
    authorAssociation: 'MEMBER',
    baseBranch: 'dev',
    baseSha: dev,
    headBranch: 'feature/a',
    headSha: sha,
    url: `${at.forge.url}/acme/config/pull/1`,
    labels: ['ready'],
  };
  t.strictSame(await forge.pullRequest(REPOSITORY, 1), expected);
  t.strictSame(await forge.openPullRequests(REPOSITORY), [expected]);
  t.equal(await forge.pullRequest(REPOSITORY, 99), undefined);
});

test('more than a hundred open pull requests are all listed', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const clone = await at.clone();
  await clone.commitTo('many', { 'many.yaml': 'x\n' });
  const refs = Array.from({ length: 101 }, (_, index) => `HEAD:refs/heads/many-${index}`);
  await clone.git('push', '--quiet', 'origin', ...refs);
  const forge = adapter(at);
  for (let index = 0; index < refs.length; index++) {
    await at.repo('POST', '/pulls', { title: `Change ${index}`, head: `many-${index}`, base: 'dev' });
  }
  t.equal((await forge.openPullRequests(REPOSITORY)).length, 101);
});

test('ensuring a pull request twice opens one, and then updates it', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const clone = await at.clone();
  await clone.commitTo('promote', { 'a.yaml': 'a\n' });
  await clone.git('push', '--quiet', 'origin', 'promote');
  const forge = adapter(at);
  const request = { title: 'Promote', body: 'first', headBranch: 'promote', baseBranch: 'alpha' };
  t.match(await forge.ensurePullRequest(REPOSITORY, request), { number: 1, baseBranch: 'alpha', title: 'Promote' });
  t.match(await forge.ensurePullRequest(REPOSITORY, { ...request, title: 'Promote again', body: 'second' }), {
    number: 1,
  });
  t.match((await at.repo('GET', '/pulls?state=all')).body, [{ number: 1, title: 'Promote again', body: 'second' }]);
  await t.rejects(forge.ensurePullRequest(REPOSITORY, { ...request, headBranch: 'nowhere' }), {
    kind: 'refused',
    message:
      /answered 422 \(Validation Failed; head invalid\), could not open a pull request from nowhere to alpha in acme\/config/,
  });
});

test('branches are created, moved by force, and read', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const clone = await at.clone();
  const first = await clone.commitTo('one', { 'one.yaml': '1\n' });
  const second = await clone.commitTo('two', { 'two.yaml': '2\n' });
  await clone.git('push', '--quiet', 'origin', 'one', 'two');
  const forge = adapter(at);
  t.equal(await forge.branchHead(REPOSITORY, 'promote/alpha'), undefined);
  for (const sha of [first, first, second]) {
    await forge.ensureBranch(REPOSITORY, 'promote/alpha', sha);
    t.equal(await forge.branchHead(REPOSITORY, 'promote/alpha'), sha);
  }
});

test('a merge is an outcome: merged, merged already, or refused in the words of the forge', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const { sha } = await at.openPull(await at.clone(), 'a', { 'a.yaml': 'a\n' });
  await at.repo('PUT', '/branches/dev/protection', {
    required_status_checks: { strict: false, contexts: ['fairway/gate'] },
    enforce_admins: true,
    required_pull_request_reviews: null,
    restrictions: null,
  });
  const forge = adapter(at);
  t.strictSame(await forge.merge(REPOSITORY, 1, sha, 'merge'), {
    outcome: 'refused',
    reason: 'Required status check "fairway/gate" is expected.',
  });
  await forge.reportStatus(REPOSITORY, {
    sha,
    context: 'fairway/gate',
    state: 'success',
    description: 'ok',
    targetUrl: '',
  });
  t.strictSame(await forge.merge(REPOSITORY, 1, 'f'.repeat(40), 'merge'), {
    outcome: 'refused',
    reason: 'Head branch was modified. Review and try the merge again.',
  });
  const merged = await forge.merge(REPOSITORY, 1, sha, 'squash');
  t.strictSame(merged, { outcome: 'merged', sha: await at.bare('rev-parse', 'dev') });
  t.strictSame(await forge.merge(REPOSITORY, 1, sha, 'squash'), merged, 'asked again, it is merged still');
  t.match(await forge.pullRequest(REPOSITORY, 1), { state: 'closed', merged: true });
});

test('permissions are told, and none is the answer for strangers', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const forge = adapter(at);
  for (const [user, permission] of [
    ['olga', 'admin'],
    ['wim', 'write'],
    ['rita', 'read'],
    ['nobody', 'none'],
  ] as const) {
    t.equal(await forge.permission(REPOSITORY, user), permission);
  }
});

test('what a token may not do is forbidden, with the right to give; an unknown token and repository are told, too', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const sha = await at.bare('rev-parse', 'dev');
  const status = { sha, context: 'c', state: 'success' as const, description: '', targetUrl: '' };
  await t.rejects(adapter(at, at.tokens.reader).reportStatus(REPOSITORY, status), {
    kind: 'forbidden',
    message:
      /answered 403 \(Must have push access to repository\), could not set the status c on \w+ in acme\/config: give the forge's token or app the right "commit statuses: write"/,
  });
  await t.rejects(adapter(at, 'no such token').openPullRequests(REPOSITORY), {
    kind: 'forbidden',
    message:
      /answered 401 \(Bad credentials\), could not list the open pull requests of acme\/config: set a valid token/,
  });
  await t.rejects(adapter(at).openPullRequests('acme/unknown'), {
    kind: 'missing',
    message:
      /answered 404 \(Not Found\), could not list the open pull requests of acme\/unknown: it does not exist, or the forge's token may not see it/,
  });
});

test('git takes the clone URL with the authorization header', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const forge = adapter(at);
  const clone = await at.clone();
  const header = `http.extraHeader=Authorization: ${await forge.gitAuthorization(REPOSITORY)}`;
  t.match(
    await clone.git('-c', header, 'ls-remote', forge.cloneUrl(REPOSITORY), 'refs/heads/dev'),
    await at.bare('rev-parse', 'dev'),
  );
});

test('a label put on through the forge arrives as a webhook', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const receiver = await WebhookReceiver.start(t);
  await at.repo('POST', '/hooks', { config: { url: receiver.url, content_type: 'json' }, events: ['pull_request'] });
  await at.openPull(await at.clone(), 'a', { 'a.yaml': 'a\n' });
  await at.repo('POST', '/issues/1/labels', { labels: ['urgent'] });
  const [labeled] = await receiver.wait('pull_request', { action: 'labeled' });
  t.match(labeled?.payload, { number: 1, label: { name: 'urgent' }, pull_request: { labels: [{ name: 'urgent' }] } });
});
