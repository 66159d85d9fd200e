import { join } from 'node:path';
import { test } from 'tap';
import { ForgeUnderTest, writeFiles } from './testing/forge-under-test.ts';

test('who may not is answered in the words of GitHub', async (t) => {
  const at = await ForgeUnderTest.start(t);
  await at.forge.createUser('nemo', 'none');
  const stranger = await at.forge.ensureToken('nemo');
  const cases = [
    [await at.repo('GET', '', undefined, ''), 401, 'Requires authentication'],
    [await at.repo('GET', '', undefined, 'wrong'), 401, 'Bad credentials'],
    [await at.repo('GET', '', undefined, stranger), 404, 'Not Found'],
    [await at.api('GET', '/repos/acme/unknown'), 404, 'Not Found'],
    [await at.repo('GET', '/pulls/7'), 404, 'Not Found'],
    [await at.repo('GET', '/pulls/seven'), 404, 'Not Found'],
    [await at.repo('GET', '/hooks', undefined, at.tokens.writer), 403, 'Must have admin rights to Repository.'],
    [await at.repo('POST', '/pulls', {}, at.tokens.reader), 403, 'Must have push access to repository'],
    [await at.repo('GET', '/branches/none'), 404, 'Branch not found'],
    [await at.repo('GET', '/branches/dev/protection'), 404, 'Branch not protected'],
  ] as const;
  for (const [answer, status, message] of cases) {
    t.match(answer, { status, body: { message, status: String(status), documentation_url: /^https/ } });
  }
});

test('a collaborator may do what was granted, and permissions are told', async (t) => {
  const at = await ForgeUnderTest.start(t);
  await at.forge.createUser('nemo', 'none');
  const token = await at.forge.ensureToken('nemo');
  t.equal((await at.repo('PUT', '/collaborators/nemo', { permission: 'push' })).status, 204);
  t.match((await at.repo('GET', '', undefined, token)).body, { permissions: { admin: false, push: true, pull: true } });
  t.match((await at.repo('GET', '/collaborators/nemo/permission')).body, {
    permission: 'write',
    user: { login: 'nemo' },
  });
});

test('tokens work as Bearer, token and Basic, and are stored as hashes only', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const basic = Buffer.from(`anything:${at.tokens.reader}`).toString('base64');
  for (const authorization of [`Bearer ${at.tokens.reader}`, `token ${at.tokens.reader}`, `Basic ${basic}`]) {
    const response = await fetch(`${at.forge.apiUrl}/user`, { headers: { authorization } });
    t.match(await response.json(), { login: 'rita', type: 'User' });
  }
  await t.rejects(at.forge.ensureToken('rita', 'short'), {
    kind: 'refused',
    message: /has 5 characters; use a random one of at least 20/,
  });
  await t.rejects(at.forge.ensureToken('nobody'), {
    kind: 'missing',
    message: 'no user "nobody": create it before its token',
  });
  await at.forge.close();
  const { exitCode } = await import('execa').then(({ execa }) =>
    execa('grep', ['-raF', at.tokens.reader, at.directory], { reject: false }),
  );
  t.equal(exitCode, 1, 'no file of the forge holds the token');
});

test('wrong input is answered field by field', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const clone = await at.clone();
  await at.openPull(clone, 'a', { 'a.yaml': 'a\n' });
  await clone.git('push', '--quiet', 'origin', 'origin/dev:refs/heads/same');
  await clone.git('checkout', '--quiet', '--orphan', 'unrelated');
  await clone.git('commit', '--quiet', '-m', 'Another beginning');
  await clone.git('push', '--quiet', 'origin', 'unrelated');
  const sha = await at.bare('rev-parse', 'dev');
  const base = { resource: 'PullRequest', field: 'base', code: 'custom' };
  const pull = (head: string, title: string | undefined = 'Change') =>
    at.repo('POST', '/pulls', { title, head, base: 'dev' });
  const cases = [
    [
      await at.repo('POST', '/pulls', { head: 'a', base: 'dev' }),
      [{ resource: 'PullRequest', field: 'title', code: 'missing_field' }],
    ],
    [await pull('nowhere'), [{ resource: 'PullRequest', field: 'head', code: 'invalid' }]],
    [await pull('stranger:a'), [{ resource: 'PullRequest', field: 'head', code: 'invalid' }]],
    [await pull('a'), [{ ...base, message: 'A pull request already exists for acme:a.' }]],
    [await pull('same'), [{ ...base, message: 'No commits between dev and same' }]],
    [await pull('unrelated'), [{ ...base, message: 'The dev branch has no history in common with unrelated' }]],
    [
      await at.repo('POST', `/statuses/${sha}`, { state: 'green' }),
      [{ resource: 'Status', field: 'state', code: 'invalid' }],
    ],
    [
      await at.repo('POST', `/statuses/${sha}`, { state: 'success', description: 'x'.repeat(141) }),
      [{ field: 'description', message: 'description is too long (maximum is 140 characters)' }],
    ],
    [
      await at.repo('POST', '/issues/1/comments', { body: 'x'.repeat(65_537) }),
      [{ field: 'body', message: 'Body is too long (maximum is 65536 characters)' }],
    ],
    [
      await at.repo('POST', '/check-runs', { name: 'c', head_sha: sha, status: 'completed' }),
      [{ resource: 'CheckRun', field: 'conclusion', code: 'missing_field' }],
    ],
    [
      await at.repo('POST', '/hooks', { config: { url: 'ftp://x' } }),
      [{ resource: 'Hook', field: 'config.url', code: 'invalid' }],
    ],
  ] as const;
  for (const [answer, errors] of cases)
    t.match(answer, { status: 422, body: { message: 'Validation Failed', errors } });
  t.match(await at.repo('POST', `/statuses/${'f'.repeat(40)}`, { state: 'success' }), {
    status: 422,
    body: { message: `No commit found for SHA: ${'f'.repeat(40)}` },
  });
  t.match(await at.repo('POST', '/pulls', '{"title": '), { status: 400, body: { message: 'Problems parsing JSON' } });
});

test('what the forge lacks is answered with 501 and says so', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const { status, body } = await at.repo('GET', '/actions/runs?page=2');
  t.equal(status, 501);
  t.match(body.message, 'The embedded forge does not have GET /api/v3/repos/acme/config/actions/runs');
});

test('lists come in pages that the Link header names', async (t) => {
  const at = await ForgeUnderTest.start(t);
  await at.openPull(await at.clone(), 'a', { 'a.yaml': 'a\n' });
  for (let index = 1; index <= 5; index++) await at.repo('POST', '/issues/1/comments', { body: `comment ${index}` });
  const path = `${at.forge.apiUrl}/repos/acme/config/issues/1/comments?per_page=2&page=`;
  const middle = await at.repo('GET', '/issues/1/comments?per_page=2&page=2');
  t.strictSame(
    middle.body.map(({ body }: { body: string }) => body),
    ['comment 3', 'comment 4'],
  );
  t.equal(
    middle.headers.get('link'),
    `<${path}1>; rel="prev", <${path}1>; rel="first", <${path}3>; rel="next", <${path}3>; rel="last"`,
  );
  t.equal((await at.repo('GET', '/issues/1/comments')).headers.get('link'), null);
});

test('repositories are created and listed, and importing twice changes nothing', async (t) => {
  const at = await ForgeUnderTest.start(t);
  t.match(await at.api('POST', '/user/repos', { name: 'mine' }, at.tokens.writer), {
    status: 201,
    body: { full_name: 'wim/mine', default_branch: 'main' },
  });
  t.match(await at.api('POST', '/user/repos', { name: 'mine' }, at.tokens.writer), {
    status: 422,
    body: { message: 'Repository creation failed.', errors: [{ message: 'name already exists on this account' }] },
  });
  t.match((await at.api('GET', '/user/repos')).body, [{ full_name: 'acme/config' }, { full_name: 'wim/mine' }]);
  const before = await at.bare('rev-parse', 'dev');
  await writeFiles(join(at.directory, 'source'), { 'README.md': 'changed since\n' });
  await at.forge.importRepository('acme/config', {
    fromDirectory: join(at.directory, 'source'),
    branches: ['dev', 'alpha', 'stable'],
  });
  t.equal(await at.bare('rev-parse', 'dev'), before);
  t.equal(await at.bare('rev-parse', 'stable'), before, 'a branch added later starts at the first commit');
  await t.rejects(at.forge.importRepository('config', { fromDirectory: '.', branches: ['dev'] }), {
    kind: 'refused',
    message: /needs owner\/name/,
  });
});

test('the page of a pull request shows its state, checks and comments, and no markup of theirs', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const { sha } = await at.openPull(await at.clone(), 'a', { 'a.yaml': 'a\n' });
  await at.repo('PATCH', '/pulls/1', { title: '<script>alert(1)</script>' });
  await at.repo('POST', `/statuses/${sha}`, {
    state: 'failure',
    context: 'fairway/gate',
    target_url: 'http://fairway.test/runs/1',
    description: 'Deployment never ready',
  });
  await at.repo('POST', `/statuses/${sha}`, { state: 'pending', context: 'odd', target_url: 'javascript:alert(1)' });
  await at.repo('POST', '/issues/1/comments', { body: '**bold** <b>' });
  const { body: pull } = await at.repo('GET', '/pulls/1');
  const response = await fetch(pull.html_url);
  const page = await response.text();
  t.equal(response.status, 200);
  t.match(
    page,
    '<a href="http://fairway.test/runs/1">fairway/gate</a>: <strong>failure</strong> Deployment never ready',
  );
  t.match(page, '**bold** &#60;b&#62;');
  t.notMatch(page, '<script>');
  t.notMatch(page, 'javascript:');
  t.equal((await fetch(pull.html_url.replace(/1$/, '2'))).status, 404);
});
