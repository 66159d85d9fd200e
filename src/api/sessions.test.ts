import { createHash } from 'node:crypto';
import t from 'tap';
import { type Call, startServer } from './testing/server-under-test.ts';

type Server = Awaited<ReturnType<typeof startServer>>;

/** Signs in, and returns what the browser would keep. */
async function signIn({ url }: Server, token: string, headers: Record<string, string> = {}) {
  const body = new URLSearchParams({ token });
  const answer = await fetch(`${url}/login`, { method: 'POST', body, redirect: 'manual', headers });
  const setCookie = answer.headers.get('set-cookie') ?? '';
  const cookie = setCookie.split(';')[0] ?? '';
  const hash = createHash('sha256')
    .update(cookie.split('=')[1] ?? '')
    .digest('hex');
  return { status: answer.status, setCookie, cookie, hash };
}

const me = (server: Server, cookie: string) => server.call('/api/v1/me', { headers: { cookie } });
const ended = { status: 401, body: { detail: 'the session has ended; sign in at /login again' } };

t.test('a browser signs in by a form, and out again', async (t) => {
  const server = await startServer(t);
  t.equal((await signIn(server, 'guessed')).status, 401);
  const { status, setCookie, cookie, hash } = await signIn(server, 'token-of-operator', { accept: 'text/html' });
  t.equal(status, 303);
  t.match(setCookie, /^fairway_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
  t.match(await me(server, cookie), { status: 200, body: { user: 'the operator', role: 'operator' } });
  const kept = JSON.stringify(await server.store.sessions.find(hash));
  t.match(kept, 'credential-of-operator');
  t.notMatch(kept, cookie.split('=')[1] ?? '', 'the store does not know the id');

  const origin = server.url;
  const left = await server.call('/logout', { method: 'POST', headers: { cookie, origin } });
  t.match(left.headers.get('set-cookie'), /^fairway_session=; Path=\/; .*Max-Age=0$/);
  t.match(await me(server, cookie), ended, 'also for who has kept the cookie');
  t.equal(await server.store.sessions.find(hash), undefined);
});

t.test('signing in again ends the session before', async (t) => {
  const server = await startServer(t);
  const first = await signIn(server, 'token-of-viewer');
  const second = await signIn(server, 'token-of-viewer', { cookie: first.cookie });
  t.match(await me(server, first.cookie), ended);
  t.equal((await me(server, second.cookie)).status, 200);
});

t.test('a session ends when it is not used, when it is old, and with the token it was begun with', async (t) => {
  const server = await startServer(t);
  const { sessions } = server.store;
  const hours = (count: number) => count * 3_600_000;
  const { cookie, hash } = await signIn(server, 'token-of-operator');
  await sessions.used(hash, Date.now() - hours(1));
  t.equal((await me(server, cookie)).status, 200);
  t.ok(((await sessions.find(hash))?.usedAt ?? 0) > Date.now() - hours(1), 'its use is noted');
  await sessions.used(hash, Date.now() - hours(2) - 1_000);
  t.match(await me(server, cookie), ended, 'two hours without a request');

  const session = (id: string, begunAt: number) => {
    const idHash = createHash('sha256').update(id).digest('hex');
    return sessions.begin({ idHash, credential: 'credential-of-operator', begunAt, usedAt: Date.now() });
  };
  await session('eleven', Date.now() - hours(11));
  await session('twelve', Date.now() - hours(12) - 1_000);
  t.equal((await me(server, 'fairway_session=eleven')).status, 200);
  t.match(await me(server, 'fairway_session=twelve'), ended, 'twelve hours');

  const other = await signIn(server, 'token-of-operator');
  server.users.set('token-of-operator', { user: 'the operator', role: 'operator', credential: 'another token' });
  t.match(await me(server, other.cookie), ended);
  server.users.set('new', { user: 'the operator', role: 'viewer', credential: 'credential-of-operator' });
  t.match((await me(server, other.cookie)).body, { role: 'viewer' }, 'roles are those of now');
});

t.test('people who come by https get a cookie for that alone', async (t) => {
  const server = await startServer(t, { publicUrl: 'https://fairway.example.org' });
  const { setCookie, cookie } = await signIn(server, 'token-of-viewer', { host: 'fairway.example.org' });
  t.match(setCookie, /^__Host-fairway_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200; Secure$/);
  t.equal((await me(server, cookie)).status, 200);
  const planted = cookie.replace('__Host-', '');
  t.equal((await me(server, planted)).status, 401, 'one that a neighbour could have set does not count');
});

t.test('a session changes things only from our own pages', async (t) => {
  const server = await startServer(t, { publicUrl: 'http://fairway.example.org' });
  const { cookie } = await signIn(server, 'token-of-operator');
  const { host } = new URL(server.url);
  const cancel = (headers: Record<string, string>, call: Call = {}) =>
    server.call('/api/v1/runs/r1/cancel', { method: 'POST', headers: { cookie, ...headers }, ...call });
  const asFarAsTheRun = { status: 404, body: { detail: 'there is no run r1' } };
  for (const ours of [
    { 'sec-fetch-site': 'same-origin' },
    { origin: server.url },
    { origin: 'http://fairway.example.org' },
    { origin: `https://${host}`, 'x-why': 'a proxy ends TLS' },
    { referer: `${server.url}/runs/r1` },
  ]) {
    t.match(await cancel(ours), asFarAsTheRun, JSON.stringify(ours));
  }
  const refused = { status: 403, body: { detail: "a browser's session changes things only from Fairway's own pages" } };
  for (const foreign of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: server.url },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://elsewhere.example.org' },
    { origin: 'https://fairway.example.org' },
    { origin: 'null' },
    { origin: `http://${host}.elsewhere.example.org` },
    { origin: 'https://elsewhere.example.org', referer: server.url },
    { referer: `https://elsewhere.example.org/${server.url}` },
    { referer: 'no address' },
    {},
  ]) {
    t.match(await cancel(foreign), refused, JSON.stringify(foreign));
  }
  const program = { cookie: '', origin: 'https://elsewhere.example.org' };
  t.match(await cancel(program, { as: 'operator', headers: program }), asFarAsTheRun, 'a token is no browser');
});

t.test('nobody is signed in or out by a page of others', async (t) => {
  const server = await startServer(t);
  const origin = 'https://elsewhere.example.org';
  const { status, setCookie } = await signIn(server, 'token-of-viewer', { origin });
  t.equal(status, 403);
  t.equal(setCookie, '');
  const { cookie } = await signIn(server, 'token-of-viewer');
  const out = await server.call('/logout', { method: 'POST', headers: { cookie, origin } });
  t.match(out, { status: 403, body: { detail: "signing in and out works only from Fairway's own pages" } });
  t.equal((await me(server, cookie)).status, 200);
});
