import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { type ClientRequest, request } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { test } from 'tap';
import { ForgeUnderTest } from './testing/forge-under-test.ts';

const PROTECTION = {
  required_status_checks: { strict: false, contexts: ['fairway/gate'] },
  enforce_admins: true,
  required_pull_request_reviews: null,
  restrictions: null,
};

test('a direct push to a protected branch is refused with a sentence, by force and by deletion, too', async (t) => {
  const at = await ForgeUnderTest.start(t);
  for (const branch of ['dev', 'alpha']) await at.repo('PUT', `/branches/${branch}/protection`, PROTECTION);
  const clone = await at.clone('admin', at.tokens.admin);
  const before = await at.bare('rev-parse', 'dev');
  await clone.commitTo('dev', { 'README.md': 'pushed past the gate\n' });
  const attempts = [['dev'], ['--force', 'dev'], [':alpha']];
  for (const refs of attempts) {
    const said = await clone.failingGit('push', 'origin', ...refs);
    t.match(said, /remote: error: GH006: Protected branch update failed for refs\/heads\/(dev|alpha)\./);
    t.match(said, 'Changes must be made through a pull request: protected branch hook declined');
    t.match(said, '[remote rejected]');
  }
  t.equal(await at.bare('rev-parse', 'dev'), before);
  await clone.git('push', '--quiet', 'origin', 'dev:feature/other');
  t.equal(await at.bare('rev-parse', 'feature/other'), await clone.git('rev-parse', 'dev'));
});

test('the API does not move a protected branch either', async (t) => {
  const at = await ForgeUnderTest.start(t);
  await at.repo('PUT', '/branches/dev/protection', PROTECTION);
  const clone = await at.clone();
  const sha = await clone.commitTo('other', { 'a.yaml': 'a\n' });
  await clone.git('push', '--quiet', 'origin', 'other');
  for (const [method, body] of [
    ['PATCH', { sha, force: true }],
    ['DELETE', undefined],
  ] as const) {
    const { status, body: answer } = await at.repo(method, '/git/refs/heads/dev', body);
    t.equal(status, 422);
    t.equal(
      answer.message,
      'Protected branch update failed for refs/heads/dev. Changes must be made through a pull request.',
    );
  }
});

test('without protection a branch may be pushed to', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const clone = await at.clone();
  const sha = await clone.commitTo('dev', { 'README.md': 'direct\n' });
  await clone.git('push', '--quiet', 'origin', 'dev');
  t.equal(await at.bare('rev-parse', 'dev'), sha);
});

test('git is asked for a token, and readers may not push', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const clone = await at.clone('reader', at.tokens.reader);
  await clone.commitTo('mine', { 'a.yaml': 'a\n' });
  t.match(await clone.failingGit('push', 'origin', 'mine'), '403');
  t.match(await clone.failingGit('ls-remote', at.remote('fwp_not_a_token')), 'Authentication failed');
  t.match(await clone.failingGit('ls-remote', `${at.forge.url}/acme/config.git`), 'could not read Username');
  t.match(await clone.failingGit('ls-remote', at.remote().replace('config', 'unknown')), 'not found');
});

test('refs of pull requests can be fetched but not pushed', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const clone = await at.clone();
  const { sha } = await at.openPull(clone, 'a', { 'a.yaml': 'a\n' });
  await clone.git('fetch', '--quiet', 'origin', 'refs/pull/1/head');
  t.equal(await clone.git('rev-parse', 'FETCH_HEAD'), sha);
  t.match(
    await clone.failingGit('push', 'origin', 'origin/dev:refs/pull/1/head', '--force'),
    'deny updating a hidden ref',
  );
});

test('a pack of many megabytes is streamed up and down unharmed', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const clone = await at.clone();
  const content = randomBytes(40 * 1024 * 1024);
  await writeFile(join(clone.directory, 'large.bin'), content);
  const sha = await clone.commitTo('large', {});
  await clone.git('push', '--quiet', 'origin', 'large');
  t.equal(await at.bare('rev-parse', 'large'), sha);
  const again = await at.clone('again');
  await again.git('checkout', '--quiet', 'large');
  t.ok(content.equals(await readFile(join(again.directory, 'large.bin'))));
});

/** A push that begins and never goes on. */
function hangingUpload(at: ForgeUnderTest): ClientRequest {
  const url = `${at.forge.url}/acme/config.git/git-receive-pack`;
  const authorization = `Bearer ${at.tokens.writer}`;
  const upload = request(url, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/x-git-receive-pack-request' },
  });
  upload.on('error', () => undefined);
  upload.write('0100');
  return upload;
}

/** The git processes that this process has started and that still run. */
async function gitProcesses(): Promise<string> {
  return (await execa('pgrep', ['-P', String(process.pid), '-f', 'http-backend'], { reject: false })).stdout;
}

async function gitProcessStarts(): Promise<void> {
  const deadline = AbortSignal.timeout(20_000);
  while ((await gitProcesses()) === '') {
    deadline.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function noGitProcessIsLeft(): Promise<void> {
  const deadline = AbortSignal.timeout(20_000);
  while ((await gitProcesses()) !== '') {
    deadline.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('a client that goes away in the middle of a download or an upload leaves no git process behind', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const clone = await at.clone();
  await writeFile(join(clone.directory, 'large.bin'), randomBytes(20 * 1024 * 1024));
  const sha = await clone.commitTo('large', {});
  await clone.git('push', '--quiet', 'origin', 'large');
  const url = `${at.forge.url}/acme/config.git`;
  const authorization = `Basic ${Buffer.from(`user:${at.tokens.writer}`).toString('base64')}`;

  const download = new AbortController();
  const want = `0032want ${sha}\n00000009done\n`;
  const headers = { authorization, 'content-type': 'application/x-git-upload-pack-request' };
  await fetch(`${url}/git-upload-pack`, { method: 'POST', headers, body: want, signal: download.signal });
  t.not(await gitProcesses(), '', 'git waits for its reader');
  download.abort();
  await noGitProcessIsLeft();

  const upload = hangingUpload(at);
  await gitProcessStarts();
  upload.destroy();
  await noGitProcessIsLeft();
});

test('closing the forge ends the git processes of clients that hang', async (t) => {
  const at = await ForgeUnderTest.start(t);
  hangingUpload(at);
  await gitProcessStarts();
  await at.forge.close();
  t.equal(await gitProcesses(), '');
});

test('a compressed request body is understood', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const response = await fetch(`${at.forge.url}/acme/config.git/git-upload-pack`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`user:${at.tokens.reader}`).toString('base64')}`,
      'content-type': 'application/x-git-upload-pack-request',
      'content-encoding': 'gzip',
      'git-protocol': 'version=2',
    },
    body: gzipSync('0014command=ls-refs\n0000'),
  });
  t.equal(response.status, 200);
  t.match(await response.text(), `${await at.bare('rev-parse', 'alpha')} refs/heads/alpha`);
});
