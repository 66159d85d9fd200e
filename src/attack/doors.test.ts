import t from 'tap';
import { connectTo, trickle } from '../http/testing/raw-connection.ts';
import { renderedOnly } from './rendered-only.ts';
import { Target } from './target.ts';

t.setTimeout(180_000);

t.test('nobody comes in who has no key, and those who have one get in all the while', async (t) => {
  const target = await Target.open(t, { branches: { dev: renderedOnly } });
  const { scene, apiToken } = target;
  await scene.start();
  const { url } = scene;
  const { port } = new URL(url);
  const say = async (text: string): Promise<string> => {
    const connection = await connectTo(t, url);
    connection.write(text);
    return connection.said;
  };
  // They go on while everything below happens.
  const slowHeaders = connectTo(t, url).then((connection) => {
    connection.write('GET /api/v1/runs HTTP/1.1\r\n');
    return trickle(connection, 'x-a: b\r\n');
  });
  const slowBody = connectTo(t, url).then((connection) => {
    connection.write('POST /api/v1/runs/x/retry HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4000\r\n\r\n');
    return trickle(connection, ' ');
  });

  await t.test('without a token nothing is told but that it lives', async (t) => {
    for (const path of [
      '/api/v1/me',
      '/api/v1/runs',
      '/api/v1/runs/x/artifacts/..%2f..%2fsecrets.json',
      '/api/v1/audit',
      '/api/v1/deliveries',
      '/registry/kubernetes-clusters',
    ]) {
      const response = await fetch(`${url}${path}`);
      t.equal(response.status, 401, path);
    }
    for (const path of ['/api/v1/channels/fairway/config/dev/roll-out', '/api/v1/runs/x/retry'])
      t.equal((await fetch(`${url}${path}`, { method: 'POST' })).status, 401, path);
  });

  await t.test('paths lead out of nothing', async (t) => {
    const secret = apiToken.slice(0, 12);
    const authorization = `authorization: Bearer ${apiToken}`;
    for (const path of [
      '/../secrets.json',
      '/..%2fsecrets.json',
      '/assets/..%2f..%2f..%2fsecrets.json',
      '/assets/%2e%2e/%2e%2e/secrets.json',
      '//etc/passwd',
      '/api/v1/runs/..%2f..%2fsecrets.json',
      '/api/v1/runs/%2e%2e/artifacts/secrets.json',
      '/api/v1/runs/x%00/artifacts/secrets.json',
      '/api/v1/runs/x/artifacts/%2e%2e%2f%2e%2e%2fsecrets.json',
      '/registry/kubernetes-clusters/..%2f..%2fsecrets.json',
      '/api/v1/channels/..%2f../config/dev/hold',
    ]) {
      const said = await say(
        `GET ${path} HTTP/1.1\r\nhost: localhost\r\n${authorization}\r\nconnection: close\r\n\r\n`,
      );
      t.notMatch(said, secret, path);
      t.notMatch(said, /root:x:0|node_modules|\.ts:\d/, path);
      t.notMatch(said, /^HTTP\/1\.1 5/, path);
    }
  });

  await t.test('a foreign name or page is answered nothing', async (t) => {
    const rebound = `GET /api/v1/me HTTP/1.1\r\nhost: rebound.example.org:${port}\r\nconnection: close\r\n\r\n`;
    t.match(await say(rebound), /^HTTP\/1\.1 421 /);
    const body = new URLSearchParams({ token: apiToken });
    const origin = 'https://elsewhere.example.org';
    const planted = await fetch(`${url}/login`, { method: 'POST', body, redirect: 'manual', headers: { origin } });
    t.equal(planted.status, 403);
    t.equal(planted.headers.get('set-cookie'), null);
  });

  await t.test('a session is good on our own pages, until it is signed out', async (t) => {
    const body = new URLSearchParams({ token: apiToken });
    const signedIn = await fetch(`${url}/login`, { method: 'POST', body, redirect: 'manual' });
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const me = async () => (await fetch(`${url}/api/v1/me`, { headers: { cookie } })).status;
    t.equal(await me(), 200);
    const path = '/api/v1/channels/fairway/config/dev/hold';
    const hold = (origin: string) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { cookie, origin, 'content-type': 'application/json' },
        body: JSON.stringify({ reason: 'evil' }),
      });
    for (const origin of ['https://elsewhere.example.org', 'null', `${url}.elsewhere.example.org`])
      t.equal((await hold(origin)).status, 403, origin);
    t.equal((await target.channel('dev'))?.held, undefined);
    const left = await fetch(`${url}/logout`, { method: 'POST', redirect: 'manual', headers: { cookie, origin: url } });
    t.ok(left.status < 400);
    t.equal(await me(), 401, 'for who has kept the cookie');
  });

  await t.test('200 guesses end, and those who were there before notice nothing', async (t) => {
    const guess = async (index: number) => {
      const headers = { authorization: `Bearer guess-${index}-of-somebody` };
      return (await fetch(`${url}/api/v1/me`, { headers })).status;
    };
    const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => guess(index)));
    t.strictSame([...new Set(answers)].sort(), [401, 429]);
    t.ok(answers.filter((status) => status === 429).length > 100);
    await target.text('/api/v1/me');
    t.notMatch(scene.fairway.output.join('\n'), /guess-\d+-of-somebody/, 'no guess is logged');
    const push = { event: 'push', payload: { ref: 'refs/tags/v1', deleted: false } };
    t.equal(await target.deliver(push), 'ignored: refs/tags/v1 is not a branch', 'deliveries come in');
  });

  t.match(await slowHeaders, /^HTTP\/1\.1 408 .*took too long to come in/s);
  t.match(await slowBody, /^HTTP\/1\.1 401 /, 'no body of a stranger is waited for');
});
