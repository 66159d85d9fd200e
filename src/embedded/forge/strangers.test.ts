import t from 'tap';
import { connectTo, trickle } from '../../http/testing/raw-connection.ts';
import { ForgeUnderTest } from './testing/forge-under-test.ts';

const megabyte = 1024 * 1024;

t.test('strangers get no memory for what they send', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const before = process.memoryUsage().arrayBuffers;
  const announced = 24 * megabyte;
  const head = `POST /api/v3/repos/acme/config/pulls HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${announced}\r\n\r\n`;
  const piece = 'x'.repeat(megabyte);
  const strangers = await Promise.all(Array.from({ length: 20 }, () => connectTo(t, at.forge.url)));
  for (const stranger of strangers) {
    stranger.write(head);
    for (let sent = 0; sent < 8; sent++) await stranger.send(piece);
  }
  const grown = process.memoryUsage().arrayBuffers - before;
  t.ok(grown < 80 * megabyte, `${Math.round(grown / megabyte)} MB for ${20 * 8} MB`);
  t.equal((await at.repo('GET', '')).status, 200);
  for (const { socket } of strangers) socket.destroy();
});

t.test('who may come in gets a bounded part of the memory', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const { status, body } = await at.repo('POST', '/issues/1/comments', { body: 'x'.repeat(2 * megabyte) });
  t.equal(status, 413);
  t.match(body.message, /too large/);
});

t.test('whoever sends slowly is ended', async (t) => {
  const timeLimits = { headers: 400, request: 800, keepAlive: 400, silence: 60_000, stream: 60_000 };
  const at = await ForgeUnderTest.start(t, { timeLimits });
  const slowHeaders = await connectTo(t, at.forge.url);
  slowHeaders.write('GET /acme/config.git/info/refs HTTP/1.1\r\n');
  t.match(await trickle(slowHeaders, 'x-a: b\r\n'), /^HTTP\/1\.1 408 /);
  const slowPush = await connectTo(t, at.forge.url);
  const authorization = `Basic ${Buffer.from(`wim:${at.tokens.writer}`).toString('base64')}`;
  slowPush.write(
    `POST /acme/config.git/git-receive-pack HTTP/1.1\r\nhost: localhost\r\nauthorization: ${authorization}\r\n` +
      'content-type: application/x-git-receive-pack-request\r\ncontent-length: 4000\r\n\r\n',
  );
  await trickle(slowPush, '0');
  t.equal((await at.repo('GET', '')).status, 200);
});

t.test('wrong tokens are stopped, by git and by REST', async (t) => {
  const at = await ForgeUnderTest.start(t);
  t.equal((await at.repo('GET', '', undefined, at.tokens.writer)).status, 200);
  const answers = [];
  for (let guess = 0; guess < 60; guess++)
    answers.push(await at.repo('GET', '', undefined, `guess-${guess}-${'x'.repeat(20)}`));
  const last = answers.at(-1);
  t.equal(last?.status, 429);
  t.match(last?.body.message, /^Too many wrong tokens came from 127\.0\.0\.1: try again in \d+ s$/);
  t.match(last?.headers.get('retry-after'), /^\d+$/);
  const git = await fetch(`${at.forge.url}/acme/config.git/info/refs?service=git-upload-pack`, {
    headers: { authorization: `Basic ${Buffer.from('wim:guessed').toString('base64')}` },
  });
  t.equal(git.status, 429);
  t.match(await git.text(), 'try again in');
  t.equal((await at.repo('GET', '', undefined, at.tokens.writer)).status, 200, 'who was there before goes on');
});

t.test('a page elsewhere can not make a browser read the forge of this machine', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const ask = async (host: string) => {
    const connection = await connectTo(t, at.forge.url);
    connection.write(`GET /acme/config/pull/1 HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
    return await connection.said;
  };
  t.match(await ask('localhost'), /^HTTP\/1\.1 404 /);
  t.match(await ask('rebound.example.org'), /^HTTP\/1\.1 421 .*answers to localhost and 127\.0\.0\.1/s);
});

t.test('nothing that is sent breaks the forge', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const odd = ['%00', '%zz', '--help', '%2e%2e%2f%2e%2e', '@{0}', 'a%0ab', '9'.repeat(30)];
  const paths = odd.flatMap((word) => [
    `/repos/acme/config/commits/${word}`,
    `/repos/acme/config/commits?sha=${word}`,
    `/repos/acme/config/commits?path=${word}`,
    `/repos/acme/config/branches/${word}`,
    `/repos/acme/config/compare/dev...${word}`,
    `/repos/acme/config/contents/${word}`,
    `/repos/acme/config/contents/README.md?ref=${word}`,
    `/repos/acme/config/git/ref/${word}`,
    `/repos/acme/config/git/matching-refs/${word}`,
    `/repos/acme/config/git/commits/${word}`,
    `/repos/acme/config/pulls/${word}`,
    `/repos/acme/config/issues/${word}/comments?since=${word}`,
    `/repos/acme/config/statuses/${word}`,
    `/repos/acme/config/hooks/${word}/deliveries/${word}`,
    `/repos/acme/${word}`,
    `/users/${word}`,
  ]);
  for (const path of paths) {
    const answer = await fetch(`${at.forge.apiUrl}${path}`, {
      headers: { authorization: `Bearer ${at.tokens.admin}` },
    });
    const text = await answer.text();
    t.ok(answer.status < 500 || answer.status === 501, `${path}: ${answer.status}`);
    t.notMatch(text, /node_modules|\.ts:\d/, path);
  }
  for (const title of ['a\0b', '']) {
    const { status } = await at.repo('POST', '/pulls', { title, head: 'alpha', base: 'dev\0' });
    t.equal(status, 422, JSON.stringify(title));
  }
  for (const body of ['{', '[]', 'null', '"x"', '{"ref": "refs/heads/\\u0000", "sha": 1}', '{"__proto__": 1}']) {
    const { status } = await at.repo('POST', '/git/refs', body);
    t.ok(status >= 400 && status < 500, `${body}: ${status}`);
  }
  for (const ref of ['refs/heads/..', 'refs/heads/a b', 'refs/heads/-x', 'refs/heads/a.lock', 'refs/heads/\ud800']) {
    const sha = await at.bare('rev-parse', 'dev');
    const { status } = await at.repo('POST', '/git/refs', { ref, sha });
    t.ok(status < 500, `${JSON.stringify(ref)}: ${status}`);
  }
});
