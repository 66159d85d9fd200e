import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { type EmbeddedForge, startEmbeddedForge } from '../embedded/forge/embedded-forge.ts';
import { writeFiles } from '../embedded/forge/testing/forge-under-test.ts';
import type { KeptSecrets } from '../kept-secrets.ts';

const author = {
  GIT_AUTHOR_NAME: 'You',
  GIT_AUTHOR_EMAIL: 'you@example.org',
  GIT_COMMITTER_NAME: 'You',
  GIT_COMMITTER_EMAIL: 'you@example.org',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
};

/** olga may do everything, wim may write, rita may read; you and Fairway have the rights that `fairway up` gives. */
const permissions = { you: 'admin', fairway: 'admin', olga: 'admin', wim: 'write', rita: 'read' } as const;

export type ForgeUser = keyof typeof permissions;

interface Seed {
  folder: string;
  state: string;
  port: number;
  secrets: KeptSecrets;
  branches: Record<string, Record<string, string>>;
  /** Whether the forge stays up beside Fairway, instead of being started by it. */
  beside: boolean;
}

interface SeenStatus {
  context: string;
  state: string;
  description: string;
}

/** The forge of a scene as its users reach it: git and REST over HTTP. */
export class OutsideForge {
  readonly url: string;
  readonly #clone: string;
  readonly #tokens: Record<ForgeUser, string>;
  readonly #embedded: EmbeddedForge;

  private constructor(embedded: EmbeddedForge, clone: string, tokens: Record<ForgeUser, string>) {
    this.url = embedded.url;
    this.#embedded = embedded;
    this.#clone = clone;
    this.#tokens = tokens;
  }

  /** Makes the forge's folder with the config repository, before Fairway starts. */
  static async seed({ folder, state, port, secrets, branches, beside }: Seed): Promise<OutsideForge> {
    const clone = join(folder, 'clone');
    const random = (): string => randomBytes(24).toString('hex');
    const known = { you: secrets.userToken, fairway: secrets.forgeToken };
    const tokens = { ...known, olga: random(), wim: random(), rita: random() };
    const embedded = await startEmbeddedForge({ directory: join(state, 'forge'), host: '127.0.0.1', port });
    const forge = new OutsideForge(embedded, clone, tokens);
    try {
      for (const user of ['you', 'fairway', 'olga', 'wim', 'rita'] as const) {
        await embedded.createUser(user, permissions[user]);
        await embedded.ensureToken(user, tokens[user]);
      }
      const [first = 'dev'] = Object.keys(branches);
      const source = join(folder, 'source');
      await mkdir(source, { recursive: true });
      await writeFiles(source, branches[first] ?? {});
      await embedded.importRepository('fairway/config', { fromDirectory: source, branches: [first] });
      await rm(source, { recursive: true });
      await execa('git', ['clone', '--quiet', forge.remote(), clone], { env: author });
      let before = first;
      for (const [branch, files] of Object.entries(branches).slice(1)) {
        await forge.push(branch, files, before);
        before = branch;
      }
    } catch (error) {
      await embedded.close();
      throw error;
    }
    if (!beside) await embedded.close();
    return forge;
  }

  async close(): Promise<void> {
    await this.#embedded.close();
  }

  /** Commits files upon a branch, or upon `from` when it is new, and pushes it; returns the commit. */
  async push(branch: string, files: Record<string, string>, from = 'dev'): Promise<string> {
    const sha = await this.commit(branch, files, from);
    await this.git('push', '--quiet', this.remote(), branch);
    return sha;
  }

  /** Commits files upon a branch, or upon `from` when it is new, in the clone alone. */
  async commit(branch: string, files: Record<string, string>, from: string): Promise<string> {
    await this.git('fetch', '--quiet', '--no-tags', this.remote(), '+refs/heads/*:refs/remotes/origin/*');
    const origin = 'refs/remotes/origin';
    const known = await execa('git', ['rev-parse', '--verify', '--quiet', `${origin}/${branch}`], {
      cwd: this.#clone,
      reject: false,
    });
    const upon = `${origin}/${known.exitCode === 0 ? branch : from}`;
    await this.git('checkout', '--quiet', '--no-track', '-B', branch, upon);
    await writeFiles(this.#clone, files);
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--allow-empty', '-m', `Change ${Object.keys(files).slice(0, 3).join(', ')}`);
    return this.git('rev-parse', 'HEAD');
  }

  async propose(branch: string, files: Record<string, string>): Promise<{ number: number; sha: string }> {
    const sha = await this.push(branch, files);
    const { number } = await this.rest('POST', '/pulls', { title: branch, head: branch, base: 'dev' });
    return { number, sha };
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every kind.
  async rest(method: string, path: string, body?: object, as: ForgeUser = 'you'): Promise<any> {
    const response = await fetch(`${this.url}/api/v3/repos/fairway/config${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#tokens[as]}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** All that was ever said of a commit, oldest first. */
  async statuses(sha: string): Promise<SeenStatus[]> {
    const found: SeenStatus[] = [];
    for (let page = 1; ; page++) {
      const some: SeenStatus[] = await this.rest('GET', `/commits/${sha}/statuses?per_page=100&page=${page}`);
      found.push(...some);
      if (some.length < 100) return found.reverse();
    }
  }

  async gate(sha: string): Promise<SeenStatus | undefined> {
    return (await this.statuses(sha)).findLast(({ context }) => context === 'fairway/gate');
  }

  /** Comments that Fairway keeps. */
  async stickyComments(number: number): Promise<string[]> {
    const comments: { body: string }[] = await this.rest('GET', `/issues/${number}/comments`);
    return comments.map(({ body }) => body).filter((body) => body.includes('fairway:gate'));
  }

  async git(...args: string[]): Promise<string> {
    return (await execa('git', args, { cwd: this.#clone, env: author })).stdout;
  }

  /** Where that user pushes to. */
  remote(as: ForgeUser = 'you'): string {
    return `${this.url.replace('://', `://${as}:${this.#tokens[as]}@`)}/fairway/config.git`;
  }
}
