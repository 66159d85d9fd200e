import { generateKeyPairSync, verify } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'tap';
import { createGithubForge, type GithubForgeOptions } from './github-forge.ts';
import { ScriptedServer } from './testing/scripted-server.ts';

const REPOSITORY = 'acme/config';
const PULLS = 'GET /repos/acme/config/pulls';
const STATUS = {
  sha: 'a'.repeat(40),
  context: 'fairway/gate',
  state: 'success' as const,
  description: 'ok',
  targetUrl: '',
};
const STATUSES = `GET /repos/acme/config/commits/${STATUS.sha}/statuses`;
const SET_STATUS = `POST /repos/acme/config/statuses/${STATUS.sha}`;

function forgeAt(server: ScriptedServer, options: Partial<GithubForgeOptions> = {}) {
  const auth = { token: 'a token of the tests' };
  return createGithubForge({ baseUrl: server.url, gitBaseUrl: server.url, auth, retryUnitMs: 1, ...options });
}

test('a read is repeated after 5xx and after a lost connection', async (t) => {
  for (const first of [{ status: 502 }, 'hang up'] as const) {
    const server = await ScriptedServer.start(t, (_request, count) =>
      count === 0 ? first : { status: 200, body: [] },
    );
    t.strictSame(await forgeAt(server).openPullRequests(REPOSITORY), []);
    t.strictSame(server.requests, [PULLS, PULLS]);
  }
});

test('a forge that stays broken is unavailable: the sentence names host and status', async (t) => {
  const server = await ScriptedServer.start(t, () => ({
    status: 503,
    body: { message: 'No server is currently available' },
  }));
  await t.rejects(forgeAt(server).openPullRequests(REPOSITORY), {
    kind: 'unavailable',
    message: `${new URL(server.url).host} answered 503 (No server is currently available), could not list the open pull requests of acme/config`,
  });
  t.equal(server.requests.length, 3, 'one try and two repetitions');
});

test('a write is not repeated behind the back of its caller: it may have been done', async (t) => {
  const server = await ScriptedServer.start(t, (request) =>
    request === SET_STATUS ? { status: 502 } : { status: 200, body: [] },
  );
  await t.rejects(forgeAt(server).reportStatus(REPOSITORY, STATUS), { kind: 'unavailable', message: /answered 502/ });
  t.strictSame(server.requests, [STATUSES, SET_STATUS]);
});

test('a forge that accepts and never answers is unavailable after the deadline', async (t) => {
  const server = await ScriptedServer.start(t, () => 'silence');
  await t.rejects(forgeAt(server, { requestTimeoutMs: 50 }).openPullRequests(REPOSITORY), {
    kind: 'unavailable',
    message: /^127\.0\.0\.1:\d+ did not answer, could not list the open pull requests of acme\/config: .*timeout/,
  });
});

test('nobody at the address is unavailable', async (t) => {
  const server = await ScriptedServer.start(t, () => ({ status: 200 }));
  await server.close();
  await t.rejects(forgeAt(server).openPullRequests(REPOSITORY), {
    kind: 'unavailable',
    message: /^127\.0\.0\.1:\d+ did not answer, could not list .*ECONNREFUSED/,
  });
});

test('a short secondary rate limit is waited for, once', async (t) => {
  const limited = {
    status: 403,
    headers: { 'retry-after': '1' },
    body: { message: 'You have exceeded a secondary rate limit.' },
  };
  const server = await ScriptedServer.start(t, (_request, count) =>
    count === 0 ? limited : { status: 200, body: [] },
  );
  t.strictSame(await forgeAt(server).openPullRequests(REPOSITORY), []);
  const stubborn = await ScriptedServer.start(t, () => limited);
  await t.rejects(forgeAt(stubborn).openPullRequests(REPOSITORY), {
    kind: 'unavailable',
    message: /answered 403 and limits us for 1 s, could not list .*: You have exceeded a secondary rate limit\./,
  });
  t.equal(stubborn.requests.length, 2);
});

test('a wait longer than allowed fails at once instead of hanging', async (t) => {
  const answers = [
    { status: 429, headers: { 'retry-after': '900' }, body: { message: 'Too many requests' } },
    { status: 403, headers: { 'retry-after': '900' }, body: { message: 'You have exceeded a secondary rate limit.' } },
  ];
  for (const answer of answers) {
    const server = await ScriptedServer.start(t, () => answer);
    await t.rejects(forgeAt(server, { retryUnitMs: 1_000 }).openPullRequests(REPOSITORY), {
      kind: 'unavailable',
      message: new RegExp(`answered ${answer.status} and limits us for 900 s`),
    });
    t.equal(server.requests.length, 1);
  }
  const reset = '4102444800';
  const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset };
  const server = await ScriptedServer.start(t, () => ({
    status: 403,
    headers,
    body: { message: 'API rate limit exceeded' },
  }));
  await t.rejects(forgeAt(server).openPullRequests(REPOSITORY), {
    kind: 'unavailable',
    message: /limits us until 2100-01-01T00:00:00\.000Z/,
  });
});

test('a forge that limits us is left alone until it has said it may be asked again', async (t) => {
  const limited = { status: 429, headers: { 'retry-after': '1' }, body: { message: 'Too many requests' } };
  const server = await ScriptedServer.start(t, (_request, count) =>
    count === 0 ? limited : { status: 200, body: [] },
  );
  const forge = forgeAt(server);
  await t.rejects(forge.openPullRequests(REPOSITORY), { message: /answered 429 and limits us for 1 s/ });
  const asked = server.requests.length;
  await t.rejects(forge.openPullRequests(REPOSITORY), {
    kind: 'unavailable',
    message: /limits us until \S+Z, so it was not asked to list the open pull requests/,
  });
  t.equal(server.requests.length, asked, 'it was not asked');
  await sleep(1_100);
  t.strictSame(await forge.openPullRequests(REPOSITORY), []);
});

test('checks are unsupported where the token never may write them, and forbidden where the right is only missing', async (t) => {
  const check = {
    sha: STATUS.sha,
    name: 'conformance',
    externalId: 'run-1',
    status: 'queued' as const,
    conclusion: undefined,
    title: 'Queued',
    summary: '',
    detailsUrl: '',
  };
  const refuse = (message: string) => (request: string) =>
    request.startsWith('POST')
      ? { status: 403, body: { message } }
      : { status: 200, body: { total_count: 0, check_runs: [] } };
  for (const message of [
    'Resource not accessible by personal access token',
    'You must authenticate via a GitHub App.',
  ]) {
    t.equal(
      await forgeAt(await ScriptedServer.start(t, refuse(message))).reportCheck(REPOSITORY, check),
      'unsupported',
    );
  }
  const server = await ScriptedServer.start(t, refuse('Repository was archived so is read-only.'));
  await t.rejects(forgeAt(server).reportCheck(REPOSITORY, check), {
    kind: 'forbidden',
    message: /Repository was archived.*right "checks: write"/,
  });
});

test('the right that GitHub itself names is the one in the sentence', async (t) => {
  const headers = { 'x-accepted-github-permissions': 'statuses=write' };
  const server = await ScriptedServer.start(t, (request) =>
    request === SET_STATUS
      ? { status: 403, headers, body: { message: 'Resource not accessible by integration' } }
      : { status: 200, body: [] },
  );
  await t.rejects(forgeAt(server).reportStatus(REPOSITORY, STATUS), {
    kind: 'forbidden',
    message: /the right "statuses=write"$/,
  });
});

test('an app proves itself by a signed JWT and works with the token of its installation', async (t) => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const exchange = 'POST /app/installations/77/access_tokens';
  const expires = new Date(Date.now() + 3_600_000).toISOString();
  const server = await ScriptedServer.start(t, (request) =>
    request === exchange
      ? {
          status: 201,
          body: { token: 'ghs_installation', expires_at: expires, permissions: {}, repository_selection: 'all' },
        }
      : { status: 200, body: [] },
  );
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const forge = forgeAt(server, { auth: { appId: 4711, privateKey: pem, installationId: 77 } });
  await forge.openPullRequests(REPOSITORY);
  t.strictSame(server.requests, [exchange, PULLS]);
  const jwt = server.authorizations[0]?.replace(/^bearer /i, '') ?? '';
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  t.ok(verify('sha256', Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, 'base64url')));
  t.match(JSON.parse(Buffer.from(payload, 'base64url').toString()), { iss: 4711 });
  t.equal(server.authorizations[1], 'token ghs_installation');
  const basic = Buffer.from('x-access-token:ghs_installation').toString('base64');
  t.equal(await forge.gitAuthorization(REPOSITORY), `Basic ${basic}`);
  t.equal(server.requests.length, 2, 'the token is kept while it lasts');
});

test('an app whose key is refused is told so', async (t) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const server = await ScriptedServer.start(t, () => ({
    status: 401,
    body: { message: 'A JSON web token could not be decoded' },
  }));
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await t.rejects(
    forgeAt(server, { auth: { appId: 1, privateKey: pem, installationId: 2 } }).openPullRequests(REPOSITORY),
    {
      kind: 'forbidden',
      message:
        /answered 401 \(A JSON web token could not be decoded\).*set a valid token, or the right app id and private key/,
    },
  );
});

test('a pull request from a fork, deleted or not, is one from a fork', async (t) => {
  const pull = (repo: object | null) => ({
    number: 1,
    title: 'Change',
    body: null,
    state: 'open',
    merged_at: null,
    user: null,
    author_association: 'FIRST_TIME_CONTRIBUTOR',
    html_url: 'https://forge.test/acme/config/pull/1',
    labels: [],
    head: { ref: 'main', sha: STATUS.sha, repo },
    base: { ref: 'dev', sha: STATUS.sha, repo: { full_name: 'acme/config' } },
  });
  for (const [repo, fork] of [
    [null, true],
    [{ full_name: 'stranger/config' }, true],
    [{ full_name: 'acme/config' }, false],
  ] as const) {
    const server = await ScriptedServer.start(t, () => ({ status: 200, body: pull(repo) }));
    t.match(await forgeAt(server).pullRequest(REPOSITORY, 1), {
      fork,
      author: 'ghost',
      authorAssociation: 'FIRST_TIME_CONTRIBUTOR',
    });
  }
});
