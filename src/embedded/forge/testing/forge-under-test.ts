import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { Test } from 'tap';
import { type EmbeddedForge, type EmbeddedForgeOptions, startEmbeddedForge } from '../embedded-forge.ts';

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every kind.
  body: any;
}

/** A forge on a folder of its own with `acme/config` (branches dev and alpha), an admin, a writer and a reader. */
export class ForgeUnderTest {
  readonly forge: EmbeddedForge;
  readonly directory: string;
  readonly tokens: Record<'admin' | 'writer' | 'reader', string>;

  private constructor(forge: EmbeddedForge, directory: string, tokens: Record<'admin' | 'writer' | 'reader', string>) {
    this.forge = forge;
    this.directory = directory;
    this.tokens = tokens;
  }

  static async start(test: Test, options: Partial<EmbeddedForgeOptions> = {}): Promise<ForgeUnderTest> {
    const directory = await mkdtemp(join(tmpdir(), 'fairway-forge-'));
    test.teardown(() => rm(directory, { recursive: true, force: true }));
    const forge = await startEmbeddedForge({
      directory: join(directory, 'forge'),
      host: '127.0.0.1',
      port: 0,
      ...options,
    });
    test.teardown(() => forge.close());
    const tokens = { admin: '', writer: '', reader: '' };
    for (const [login, permission] of [
      ['olga', 'admin'],
      ['wim', 'write'],
      ['rita', 'read'],
    ] as const) {
      await forge.createUser(login, permission);
      tokens[permission === 'admin' ? 'admin' : permission === 'write' ? 'writer' : 'reader'] =
        await forge.ensureToken(login);
    }
    await writeFiles(join(directory, 'source'), {
      'channels/dev.yaml': 'channel: dev\n',
      'README.md': 'one\ntwo\nthree\n',
    });
    await forge.importRepository('acme/config', {
      fromDirectory: join(directory, 'source'),
      branches: ['dev', 'alpha'],
    });
    return new ForgeUnderTest(forge, directory, tokens);
  }

  /** A request to the REST API; the admin's, unless another token is given. */
  async api(method: string, path: string, body?: unknown, token = this.tokens.admin): Promise<Answer> {
    const response = await fetch(`${this.forge.apiUrl}${path}`, {
      method,
      headers: token ? { authorization: `Bearer ${token}` } : {},
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** A request to `acme/config`. */
  async repo(method: string, path: string, body?: unknown, token?: string): Promise<Answer> {
    return await this.api(method, `/repos/acme/config${path}`, body, token);
  }

  remote(token = this.tokens.writer): string {
    return this.forge.url.replace('://', `://user:${token}@`).concat('/acme/config.git');
  }

  async clone(name = 'clone', token?: string): Promise<Clone> {
    const directory = join(this.directory, name);
    await git(this.directory, 'clone', '--quiet', '--branch', 'dev', this.remote(token), directory);
    return new Clone(directory);
  }

  /** Runs git in the bare repository of the forge. */
  async bare(...args: string[]): Promise<string> {
    return await git(join(this.directory, 'forge/repositories/acme/config.git'), ...args);
  }

  /** Pushes a branch from dev with these files as one commit, and opens a pull request to dev. */
  async openPull(
    clone: Clone,
    branch: string,
    files: Record<string, string>,
  ): Promise<{ number: number; sha: string }> {
    const sha = await clone.commitTo(branch, files);
    await clone.git('push', '--quiet', 'origin', branch);
    const { status, body } = await this.repo('POST', '/pulls', {
      title: `Change ${branch}`,
      head: branch,
      base: 'dev',
    });
    if (status !== 201) throw new Error(`the pull request was refused: ${JSON.stringify(body)}`);
    return { number: body.number, sha };
  }
}

/** A working copy. */
export class Clone {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  async git(...args: string[]): Promise<string> {
    return await git(this.directory, ...args);
  }

  /** Runs git where failing is expected; returns what it said. */
  async failingGit(...args: string[]): Promise<string> {
    const { exitCode, stderr } = await execa('git', args, {
      cwd: this.directory,
      env: cleanGit,
      extendEnv: false,
      reject: false,
    });
    if (exitCode === 0) throw new Error(`git ${args.join(' ')} was expected to fail`);
    return stderr;
  }

  /** Commits the files upon the branch, made from `from` when it is new; returns the commit. */
  async commitTo(branch: string, files: Record<string, string>, from = 'origin/dev'): Promise<string> {
    const existing = await execa('git', ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`], {
      cwd: this.directory,
      reject: false,
    });
    await this.git(
      ...(existing.exitCode === 0 ? ['checkout', '--quiet', branch] : ['checkout', '--quiet', '-b', branch, from]),
    );
    await writeFiles(this.directory, files);
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--allow-empty', '-m', `Change ${Object.keys(files).join(', ')}`);
    return await this.git('rev-parse', 'HEAD');
  }
}

export async function writeFiles(directory: string, files: Record<string, string>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
}

const cleanGit = {
  PATH: process.env.PATH ?? '',
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Wim',
  GIT_AUTHOR_EMAIL: 'wim@example.org',
  GIT_COMMITTER_NAME: 'Wim',
  GIT_COMMITTER_EMAIL: 'wim@example.org',
};

async function git(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await execa('git', args, { cwd, env: cleanGit, extendEnv: false });
  return stdout;
}
