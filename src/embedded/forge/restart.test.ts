import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { type Test, test } from 'tap';
import { Clone, writeFiles } from './testing/forge-under-test.ts';
import { WebhookReceiver } from './testing/webhook-receiver.ts';

const TOKEN = 'fwp_of_the_restart_tests';

/** A forge in its own process, started again on the same folder as often as wanted. */
class Restartable {
  readonly root: string;
  url = '';
  process: ChildProcess | undefined;

  constructor(root: string) {
    this.root = root;
  }

  static async create(t: Test): Promise<Restartable> {
    const forge = new Restartable(await mkdtemp(join(tmpdir(), 'fairway-forge-')));
    t.teardown(async () => {
      await forge.ended('SIGKILL');
      await rm(forge.root, { recursive: true, force: true });
    });
    await writeFiles(join(forge.root, 'source'), { 'channels/dev.yaml': 'channel: dev\n' });
    await forge.start();
    return forge;
  }

  get repository(): string {
    return join(this.root, 'forge/repositories/acme/config.git');
  }

  async start(): Promise<void> {
    const script = join(import.meta.dirname, 'testing/forge-process.ts');
    const args = [script, join(this.root, 'forge'), join(this.root, 'source'), TOKEN];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.process = child;
    for await (const line of createInterface({ input: child.stdout })) {
      this.url = line;
      return;
    }
    throw new Error('the forge did not start');
  }

  /** Waits for its end, sending a signal first where one is given. */
  async ended(signal?: NodeJS.Signals): Promise<void> {
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    if (signal) child.kill(signal);
    await once(child, 'exit');
  }

  async repo(method: string, path: string, body?: object) {
    const response = await fetch(`${this.url}/api/v3/repos/acme/config${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}` },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, body: await response.json() };
  }

  async clone(): Promise<Clone> {
    const directory = join(this.root, 'clone');
    const remote = this.url.replace('://', `://user:${TOKEN}@`).concat('/acme/config.git');
    await execa('git', ['clone', '--quiet', '--branch', 'dev', remote, directory]);
    return new Clone(directory);
  }

  async git(...args: string[]): Promise<string> {
    return (await execa('git', args, { cwd: this.repository })).stdout;
  }

  /** Lets git itself kill the forge in the middle of moving a ref: right before (`prepared`) or right after (`committed`) it. */
  async dieWhenRefMoves(hooks: string, moment: 'prepared' | 'committed', ref: string): Promise<() => Promise<void>> {
    const file = join(hooks, 'reference-transaction');
    const outcome = moment === 'prepared' ? 1 : 0;
    await writeFile(
      file,
      `#!/bin/sh\n[ "$1" = ${moment} ] && grep -q ${ref} && kill -9 ${this.process?.pid} && exit ${outcome}\nexit 0\n`,
    );
    await chmod(file, 0o755);
    return () => rm(file);
  }
}

async function withPull(t: Test) {
  const forge = await Restartable.create(t);
  const receiver = await WebhookReceiver.start(t);
  await forge.repo('POST', '/hooks', {
    config: { url: receiver.url, content_type: 'json' },
    events: ['push', 'pull_request'],
  });
  const clone = await forge.clone();
  const sha = await clone.commitTo('a', { 'a.yaml': 'a\n' });
  await clone.git('push', '--quiet', 'origin', 'a');
  await forge.repo('POST', '/pulls', { title: 'Change', head: 'a', base: 'dev' });
  await receiver.wait('pull_request', { action: 'opened' });
  return { forge, receiver, clone, sha };
}

test('killed right after a merge has moved the branch, the forge finishes the merge and tells of it', async (t) => {
  const { forge, receiver, sha } = await withPull(t);
  const disarm = await forge.dieWhenRefMoves(join(forge.repository, 'hooks'), 'committed', 'refs/heads/dev');
  await t.rejects(forge.repo('PUT', '/pulls/1/merge', { sha, merge_method: 'squash' }));
  await forge.ended();
  await disarm();
  const merged = await forge.git('rev-parse', 'dev');
  t.equal(await forge.git('diff', '--name-only', 'dev~1', 'dev'), 'a.yaml');

  await forge.start();
  t.match((await forge.repo('GET', '/pulls/1')).body, {
    state: 'closed',
    merged: true,
    merge_commit_sha: merged,
    merged_by: { login: 'olga' },
  });
  const [closed] = await receiver.wait('pull_request', { action: 'closed' });
  t.match(closed?.payload, { pull_request: { merged: true, merge_commit_sha: merged } });
  const pushes = await receiver.wait('push', { count: 2 });
  t.match(pushes[1]?.payload, { ref: 'refs/heads/dev', after: merged });
  t.equal((await forge.repo('PUT', '/pulls/1/merge', { sha })).status, 405, 'it is not merged twice');
  t.equal(await forge.git('rev-parse', 'dev'), merged);
});

test('killed right before a merge would have moved the branch, the pull request is open and can be merged', async (t) => {
  const { forge, sha } = await withPull(t);
  const before = await forge.git('rev-parse', 'dev');
  const disarm = await forge.dieWhenRefMoves(join(forge.repository, 'hooks'), 'prepared', 'refs/heads/dev');
  await t.rejects(forge.repo('PUT', '/pulls/1/merge', { sha }));
  await forge.ended();
  await disarm();
  t.equal(await forge.git('rev-parse', 'dev'), before);

  await forge.start();
  t.match((await forge.repo('GET', '/pulls/1')).body, { state: 'open', merged: false, merge_commit_sha: null });
  const merged = await forge.repo('PUT', '/pulls/1/merge', { sha });
  t.equal(merged.status, 200);
  t.equal(await forge.git('rev-parse', 'dev'), merged.body.sha);
});

test('killed in the middle of a push, the forge tells of what has arrived when it is back', async (t) => {
  const { forge, receiver, clone, sha } = await withPull(t);
  const disarm = await forge.dieWhenRefMoves(join(forge.root, 'forge/hooks'), 'committed', 'refs/heads/a');
  const next = await clone.commitTo('a', { 'a.yaml': 'b\n' });
  await clone.failingGit('push', 'origin', 'a');
  await forge.ended();
  await disarm();
  t.equal(await forge.git('rev-parse', 'a'), next);

  await forge.start();
  const [synchronized] = await receiver.wait('pull_request', { action: 'synchronize' });
  t.match(synchronized?.payload, { before: sha, after: next, pull_request: { head: { sha: next } } });
  t.equal(await forge.git('rev-parse', 'refs/pull/1/head'), next);
});

test('deliveries that waited when the forge was killed arrive after its restart', async (t) => {
  const { forge, receiver } = await withPull(t);
  receiver.silent = true;
  await forge.repo('PATCH', '/pulls/1', { state: 'closed' });
  const [lost] = await receiver.wait('pull_request', { action: 'closed' });
  await forge.ended('SIGKILL');
  receiver.silent = false;
  await forge.start();
  const deliveries = await receiver.wait('pull_request', { action: 'closed', count: 2 });
  t.equal(deliveries[1]?.guid, lost?.guid, 'it is the same delivery');
});
