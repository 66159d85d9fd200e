import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { createLog } from '../telemetry/log.ts';
import { startServer } from './testing/server-under-test.ts';

interface Answer {
  status: number | undefined;
  retryAfter: string | undefined;
  body: string;
}

/** A request from one of this machine's own addresses. */
function from(localAddress: string, url: string, token: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const login = url.endsWith('/login');
    const headers = login
      ? { 'content-type': 'application/x-www-form-urlencoded' }
      : { authorization: `Bearer ${token}` };
    const sent = request(url, { localAddress, method: login ? 'POST' : 'GET', headers }, async (response) => {
      resolve({ status: response.statusCode, retryAfter: response.headers['retry-after'], body: await text(response) });
    });
    sent.once('error', reject);
    sent.end(login ? `token=${token}` : undefined);
  });
}

for (const path of ['/login', '/api/v1/me', '/registry/kubernetes-clusters']) {
  t.test(`200 wrong tokens at ${path} are stopped, and nobody else notices`, async (t) => {
    const lines: string[] = [];
    const log = createLog({ level: 'warn', destination: { write: (line) => void lines.push(line) } });
    const { url } = await startServer(t, { log });
    const right = path === '/login' ? 204 : 200;
    const stranger = '127.0.0.7';
    t.equal((await from(stranger, `${url}/api/v1/me`, 'token-of-viewer')).status, 200);
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, guess) => from(stranger, `${url}${path}`, `guess-${guess}`)),
    );
    t.same([...new Set(answers.map(({ status }) => status))].sort(), [401, 429]);
    const wrong = answers.filter(({ status }) => status === 401).length;
    t.ok(wrong >= 40 && wrong < 100, `${wrong} were looked up`);

    const { retryAfter = '', body } = answers.at(-1) ?? {};
    const said = JSON.parse(body ?? '');
    t.match(said, { status: 429, title: 'Too Many Requests', detail: /^too many wrong tokens came from 127.0.0.7: / });
    t.match(said.detail, `try again in ${retryAfter} s`);
    t.ok(Number(retryAfter) >= 1 && Number(retryAfter) <= 15, retryAfter);

    t.equal(
      (await from(stranger, `${url}${path}`, 'token-of-operator')).status,
      429,
      'not even the right one, from there',
    );
    t.equal((await from('127.0.0.1', `${url}${path}`, 'token-of-operator')).status, right, 'people elsewhere');
    const neighbour = await from(stranger, `${url}${path}`, 'token-of-viewer');
    t.equal(neighbour.status, right, 'who was there before, at the same address');

    t.equal(lines.length, wrong);
    t.match(JSON.parse(lines[0] ?? ''), { address: stranger, msg: 'a wrong token' });
    t.notMatch(lines.join(''), 'guess-');
  });
}

t.test('behind a proxy that is trusted, the address is that of the one who asks', async (t) => {
  const { call } = await startServer(t, { trustedProxies: ['127.0.0.1'] });
  const ask = (client: string, token: string) =>
    call('/api/v1/me', { headers: { 'x-forwarded-for': client, authorization: `Bearer ${token}` } });
  for (let guess = 0; guess < 60; guess++) await ask('192.0.2.1', `guess-${guess}`);
  t.equal((await ask('192.0.2.1', 'token-of-viewer')).status, 429);
  t.equal((await ask('192.0.2.2', 'token-of-viewer')).status, 200);
});

t.test('an address that nobody vouches for is not believed', async (t) => {
  const { call } = await startServer(t);
  const ask = (client: string, token: string) =>
    call('/api/v1/me', { headers: { 'x-forwarded-for': client, authorization: `Bearer ${token}` } });
  for (let guess = 0; guess < 60; guess++) await ask(`192.0.2.${guess}`, `guess-${guess}`);
  t.equal((await ask('192.0.2.99', 'token-of-viewer')).status, 429);
});

t.test('coming without a token, or with a session that has ended, is no guess', async (t) => {
  const { call } = await startServer(t);
  for (let time = 0; time < 60; time++) await call('/api/v1/me', { headers: { cookie: 'fairway_session=old' } });
  for (let time = 0; time < 60; time++) await call('/api/v1/me');
  t.equal((await call('/api/v1/me', { as: 'viewer' })).status, 200);
});
