import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Octokit } from '@octokit/rest';
import { execa } from 'execa';

/** What the forge refuses is part of the story, which tells it itself. */
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export interface OpenedPullRequest {
  number: number;
  headSha: string;
}

export interface ForgeAccount {
  gitUrl: string;
  apiUrl: string;
  repository: string;
  user: string;
  token: string;
}

/** A user's clone of the config repository, worked on as anyone would: git over HTTP, pull requests over REST. */
export class ConfigCheckout {
  readonly #folder: string;
  readonly #account: ForgeAccount;
  readonly #octokit: Octokit;

  constructor(folder: string, account: ForgeAccount) {
    this.#folder = folder;
    this.#account = account;
    this.#octokit = new Octokit({ baseUrl: account.apiUrl, auth: account.token, log: silent });
  }

  async clone(): Promise<void> {
    await execa('git', ['clone', '--quiet', `${this.#account.gitUrl}/${this.#account.repository}.git`, this.#folder], {
      env: this.#environment(),
    });
  }

  /** Commits what `change` does to some files on a new branch from dev, pushes it and opens a pull request. */
  async propose(branch: string, title: string, change: (edit: Edit) => Promise<void>): Promise<OpenedPullRequest> {
    await this.#git('checkout', '--quiet', '-b', branch, 'origin/dev');
    await change(new Edit(this.#folder));
    await this.#git('add', '--all');
    await this.#git('commit', '--quiet', '-m', title);
    await this.#git('push', '--quiet', 'origin', branch);
    const { data } = await this.#octokit.rest.pulls.create({
      ...this.#place(),
      title,
      head: branch,
      base: 'dev',
      body: 'Opened by the demo.',
    });
    return { number: data.number, headSha: data.head.sha };
  }

  /** The forge's own sentence when it refuses, without the address of its manual. */
  async merge(number: number): Promise<{ outcome: 'merged'; sha: string } | { outcome: 'refused'; reason: string }> {
    try {
      const { data } = await this.#octokit.rest.pulls.merge({ ...this.#place(), pull_number: number });
      return { outcome: 'merged', sha: data.sha };
    } catch (error) {
      if (error instanceof Error && 'status' in error && error.status === 405)
        return { outcome: 'refused', reason: error.message.replace(/ - https:\S+$/, '') };
      throw error;
    }
  }

  /** The number of the open pull request against that branch, if there is one. */
  async openPullRequestAgainst(base: string): Promise<OpenedPullRequest | undefined> {
    const { data } = await this.#octokit.rest.pulls.list({ ...this.#place(), state: 'open', base });
    const promotion = data.find(({ head }) => head.ref.startsWith('fairway/promote/'));
    return promotion && { number: promotion.number, headSha: promotion.head.sha };
  }

  /** The gate's status once it says yes or no; what the branch protection looks at. */
  async decidedGate(sha: string): Promise<string | undefined> {
    const { data } = await this.#octokit.rest.repos.getCombinedStatusForRef({ ...this.#place(), ref: sha });
    const status = data.statuses.find(({ context }) => context === 'fairway/gate');
    return status === undefined || status.state === 'pending' ? undefined : status.state;
  }

  async stickyComment(number: number): Promise<string> {
    const { data } = await this.#octokit.rest.issues.listComments({ ...this.#place(), issue_number: number });
    return data.map(({ body }) => body ?? '').find((body) => body.includes('fairway:gate')) ?? '';
  }

  #place(): { owner: string; repo: string } {
    const [owner = '', repo = ''] = this.#account.repository.split('/');
    return { owner, repo };
  }

  async #git(...args: string[]): Promise<void> {
    await execa('git', ['-C', this.#folder, ...args], { env: this.#environment() });
  }

  #environment(): Record<string, string> {
    const { user, token } = this.#account;
    const basic = Buffer.from(`${user}:${token}`).toString('base64');
    const name = {
      GIT_AUTHOR_NAME: user,
      GIT_AUTHOR_EMAIL: `${user}@localhost`,
      GIT_COMMITTER_NAME: user,
      GIT_COMMITTER_EMAIL: `${user}@localhost`,
    };
    return {
      ...name,
      GIT_TERMINAL_PROMPT: '0',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'http.extraHeader',
      GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
    };
  }
}

/** Changes files of the checkout; a text that should be replaced must be there. */
export class Edit {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async write(path: string, text: string): Promise<void> {
    await writeFile(join(this.#folder, path), text);
  }

  async replace(path: string, from: string, to: string): Promise<void> {
    const text = await readFile(join(this.#folder, path), 'utf8');
    if (!text.includes(from)) throw new Error(`${path} has no "${from}"`);
    await this.write(path, text.replace(from, to));
  }
}
