import t from 'tap';
import { connectTo, trickle } from '../http/testing/raw-connection.ts';
import { sampleRun } from './testing/sample-run.ts';
import { startServer } from './testing/server-under-test.ts';

const short = { headers: 400, request: 800, keepAlive: 400, silence: 60_000, stream: 60_000 };

t.test('whoever sends slowly, or nothing, is ended', async (t) => {
  const { url, call } = await startServer(t, { timeLimits: short });
  const silent = await connectTo(t, url);
  t.match(await silent.said, /^(HTTP\/1\.1 408 |$)/, 'a connection on which nothing comes');

  const slowHeaders = await connectTo(t, url);
  slowHeaders.write('GET /livez HTTP/1.1\r\n');
  const late = await trickle(slowHeaders, 'x-a: b\r\n');
  t.match(late, /^HTTP\/1\.1 408 Request Timeout\r\ncontent-type: application\/problem\+json\r\n/);
  t.match(late, '"detail":"the request took too long to come in"');

  const slowBody = await connectTo(t, url);
  slowBody.write(
    'POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 4000\r\n\r\n',
  );
  t.match(await trickle(slowBody, ' '), /^HTTP\/1\.1 408 /);

  const refusedBody = await connectTo(t, url);
  refusedBody.write('POST /api/v1/runs/r1/cancel HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4000\r\n\r\n');
  t.match(await trickle(refusedBody, ' '), /^HTTP\/1\.1 401 /, 'a stranger gets his answer, and no more time');

  const idle = await connectTo(t, url);
  idle.write('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n');
  t.match(await idle.said, /^HTTP\/1\.1 200 /, 'between two requests');
  t.equal((await call('/livez')).status, 200);
});

t.test('whoever does not read what he asked for is ended', async (t) => {
  const { url, store, artifacts } = await startServer(t, { timeLimits: { ...short, silence: 500 } });
  await store.runs.create(sampleRun('r1'));
  await artifacts.put('r1', 'big.log', Buffer.alloc(64 * 1024 * 1024, 'x'));
  const { socket, said } = await connectTo(t, url);
  socket.pause();
  socket.write(
    'GET /api/v1/runs/r1/artifacts/big.log HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer token-of-viewer\r\n\r\n',
  );
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  socket.resume();
  const { length } = await said;
  t.ok(length > 0 && length < 64 * 1024 * 1024, `${length} bytes of it came`);
});

t.test('what is no HTTP is refused as a problem', async (t) => {
  const { url } = await startServer(t);
  const ask = async (text: string) => {
    const connection = await connectTo(t, url);
    connection.write(text);
    return await connection.said;
  };
  t.match(await ask('BREW /pot COFFEE\r\n\r\n'), /^HTTP\/1\.1 400 Bad Request\r\n.*the request is not valid HTTP/s);
  const large = `GET / HTTP/1.1\r\nx-a: ${'x'.repeat(20_000)}\r\n\r\n`;
  t.match(
    await ask(large),
    /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n.*headers of the request are too large/s,
  );
  const twice = 'POST /login HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n';
  t.match(await ask(twice), /^HTTP\/1\.1 400 /, 'two lengths');
});

t.test('what is wrong with a path or a body is said as a problem', async (t) => {
  const { call, url } = await startServer(t);
  const token = { authorization: 'Bearer token-of-administrator' };
  const json = { ...token, 'content-type': 'application/json' };
  const put = async (body: string, headers: Record<string, string> = json) => {
    const answer = await fetch(`${url}/registry/kubernetes-clusters/x`, { method: 'PUT', headers, body });
    return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.json() };
  };
  const type = /^application\/problem\+json/;
  t.match(await put('{'), { status: 400, type, body: { detail: /JSON/ } });
  t.match(await put('{"__proto__": {"a": 1}}'), { status: 400, type });
  t.match(await put('<a/>', { ...token, 'content-type': 'text/xml' }), { status: 415, type });
  t.match(await put('{}', { ...token, 'content-type': ';;' }), { status: 415, type });
  t.match(await put(`{"id": "${'x'.repeat(2_000_000)}"}`), { status: 413, type });
  for (const [path, wanted] of [
    ['/api/v1/runs/%zz', 400],
    ['/api/v1/runs/%ff', 400],
    [`/api/v1/runs/${'x'.repeat(1_001)}`, 414],
    ['/api/v1/runs/%00', 400],
    ['/api/v1/runs/r1%00/artifacts', 400],
    ['/api/v1/runs?channel=%00', 400],
    ['/api/v1/runs?limit=1e2', 400],
    ['/api/v1/runs?limit=0x10', 400],
    ['/api/v1/runs?limit=', 400],
    ['/api/v1/runs?limit=1&limit=2', 400],
    ['/api/v1/runs?pullRequest=99999999999999999999', 400],
    ['/api/v1/runs?pullRequest=3000000000', 400],
    ['/api/v1/runs?live=yes', 400],
    ['/api/v1/runs/%F0%9F%92%A9', 404],
    ['/api/v1/runs/..%2f..%2fetc%2fpasswd/artifacts', 404],
    ['//', 404],
  ] as const) {
    const { status, headers, body, text } = await call(path, { as: 'viewer' });
    t.match(
      { status, type: headers.get('content-type'), said: body?.detail },
      { status: wanted, type, said: String },
      path,
    );
    t.notMatch(text, /node_modules|\.ts:\d/, path);
  }
  const method = await call('/api/v1/runs', { as: 'viewer', method: 'DELETE' });
  t.match(method, { status: 405, body: { detail: 'there is no DELETE /api/v1/runs; it takes GET, HEAD' } });
  t.equal(method.headers.get('allow'), 'GET, HEAD');
});

t.test('a server of this machine alone answers to no foreign name', async (t) => {
  const { url } = await startServer(t, { publicUrl: 'https://fairway.example.org' });
  const { port } = new URL(url);
  const ask = async (host: string, path = '/livez') => {
    const connection = await connectTo(t, url);
    connection.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
    return await connection.said;
  };
  for (const own of [`127.0.0.1:${port}`, `localhost:${port}`, 'LOCALHOST', '[::1]:80', 'fairway.example.org']) {
    t.match(await ask(own), /^HTTP\/1\.1 200 /, own);
  }
  for (const path of ['/livez', '/metrics', '/api/v1/me', '/registry/kubernetes-clusters', '/api/openapi.json']) {
    const said = await ask(`rebound.example.org:${port}`, path);
    t.match(said, /^HTTP\/1\.1 421 Misdirected Request\r\n/, path);
    t.match(said, /answers to localhost and 127.0.0.1, and to the name in FAIRWAY_URL/);
  }
  for (const foreign of ['127.0.0.1.example.org', 'localhost.example.org', '', 'a b', 'user@localhost:1@evil']) {
    t.match(await ask(foreign), /^HTTP\/1\.1 4\d\d /, foreign);
  }
});
