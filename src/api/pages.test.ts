import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { connectTo } from '../http/testing/raw-connection.ts';
import { startServer } from './testing/server-under-test.ts';

async function withPages(t: Test) {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-static-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const uiDirectory = join(folder, 'ui');
  await mkdir(join(uiDirectory, 'assets'), { recursive: true });
  await writeFile(join(uiDirectory, 'index.html'), '<title>Fairway</title>');
  await writeFile(join(uiDirectory, 'assets', 'index-1.js'), '1');
  await writeFile(join(uiDirectory, '.built'), 'not for readers');
  await writeFile(join(folder, 'secrets.json'), 'not for readers');
  return startServer(t, { uiDirectory });
}

t.test('pages may load our own files and nothing else, and nobody may frame them', async (t) => {
  const { call } = await withPages(t);
  for (const path of ['/', '/login', '/runs/r1', '/channels', '/clusters']) {
    const { status, headers, text } = await call(path);
    t.equal(status, 200, path);
    t.match(text, 'Fairway', path);
    const policy = headers.get('content-security-policy') ?? '';
    t.notMatch(policy, /unsafe|\*|https?:/, path);
    for (const rule of ["default-src 'self'", "object-src 'none'", "frame-ancestors 'none'", "form-action 'self'"]) {
      t.ok(policy.split('; ').includes(rule), `${path}: ${rule}`);
    }
    t.equal(headers.get('cache-control'), 'no-cache', path);
  }
  const script = await call('/assets/index-1.js');
  t.match(script.headers.get('cache-control'), /immutable/);
});

t.test('every answer says how a browser must take it', async (t) => {
  const { call } = await withPages(t);
  for (const path of [
    '/',
    '/assets/index-1.js',
    '/livez',
    '/metrics',
    '/api/openapi.json',
    '/api/v1/me',
    '/nowhere',
    '/api/v1/runs/%zz',
    '/registry/kubernetes-clusters',
  ]) {
    const { headers } = await call(path);
    t.equal(headers.get('x-content-type-options'), 'nosniff', path);
    t.equal(headers.get('referrer-policy'), 'same-origin', path);
    t.equal(headers.get('x-frame-options'), 'DENY', path);
    t.match(headers.get('content-security-policy'), "frame-ancestors 'none'", path);
    if (path.startsWith('/api/v1') || path.startsWith('/registry')) {
      t.equal(headers.get('cache-control'), 'no-store', path);
    }
  }
});

t.test('only what was built is served', async (t) => {
  const { url } = await withPages(t);
  const ask = async (path: string) => {
    const connection = await connectTo(t, url);
    connection.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
    return await connection.said;
  };
  for (const path of [
    '/.built',
    '/../secrets.json',
    '/assets/../../secrets.json',
    '/..%2fsecrets.json',
    '/%2e%2e/secrets.json',
    '/%2e%2e%2fsecrets.json',
    '/assets/..%5c..%5csecrets.json',
    '/%252e%252e/secrets.json',
    '/assets/%00index-1.js',
    '//etc/passwd',
    '/assets/',
    '/runs/../../secrets.json',
  ]) {
    const said = await ask(path);
    t.notMatch(said, 'not for readers', path);
    t.match(said, /^HTTP\/1\.1 (40[034] |200 OK\r\n.*<title>Fairway)/s, path);
    if (!/^HTTP\/1\.1 200/.test(said)) t.match(said, 'application/problem+json', path);
  }
});
