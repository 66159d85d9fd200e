import { isAbsolute, normalize } from 'node:path';
import { execa } from 'execa';
import { FairwayError } from '../../domain/errors.ts';
import { gitEnvironment } from './git-environment.ts';

export interface Identity {
  name: string;
  email: string;
  /** ISO 8601. */
  date: string;
}

export interface Commit {
  sha: string;
  tree: string;
  parents: string[];
  author: Identity;
  committer: Identity;
  message: string;
}

export interface TreeEntry {
  mode: string;
  type: 'blob' | 'tree' | 'commit';
  sha: string;
  size: number;
  path: string;
}

interface GitOptions {
  input?: string;
  env?: Record<string, string>;
}

const GIT_DEADLINE_MS = 60_000;
const COMMIT_FORMAT = '%H%x1f%T%x1f%P%x1f%an%x1f%ae%x1f%aI%x1f%cn%x1f%ce%x1f%cI%x1f%B%x1e';
export const NO_COMMIT = '0'.repeat(40);

/** A bare git repository on disk, asked through git itself. */
export class BareRepository {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Runs git and returns what it printed; throws when it ends with anything but 0. */
  async git(args: string[], options: GitOptions = {}): Promise<string> {
    const { exitCode, stdout, stderr } = await this.tryGit(args, options);
    if (exitCode !== 0) throw new Error(`git ${args[0]} ended with ${exitCode}: ${stderr}`);
    return stdout;
  }

  /** Runs git and returns its exit code and output; throws only when it did not end by itself. */
  async tryGit(
    args: string[],
    options: GitOptions = {},
  ): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    const result = await execa('git', args, {
      cwd: this.directory,
      env: { ...gitEnvironment(), ...options.env },
      extendEnv: false,
      input: options.input ?? '',
      reject: false,
      stripFinalNewline: false,
      timeout: GIT_DEADLINE_MS,
      maxBuffer: 256 * 1024 * 1024,
    });
    if (result.exitCode === undefined) {
      throw new FairwayError(
        'unavailable',
        `git ${args[0]} did not end in ${GIT_DEADLINE_MS / 1000} s: ${result.shortMessage}`,
      );
    }
    return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
  }

  /** The commit that a branch, tag, full ref or SHA names. */
  async resolve(revision: string): Promise<string | undefined> {
    if (revision.startsWith('-') || revision.includes('..')) return undefined;
    const candidates = [`refs/heads/${revision}`, `refs/tags/${revision}`, `refs/${revision}`, revision];
    const wanted = /^[0-9a-f]{40}$/.test(revision) ? [revision] : candidates;
    for (const candidate of wanted) {
      const { exitCode, stdout } = await this.tryGit(['rev-parse', '--verify', '--quiet', `${candidate}^{commit}`]);
      if (exitCode === 0) return stdout.trim();
    }
    return undefined;
  }

  /** All refs under the prefixes, by full name. */
  async refs(...prefixes: string[]): Promise<Map<string, string>> {
    const output = await this.git(['for-each-ref', '--format=%(refname) %(objectname)', ...prefixes]);
    return new Map(
      lines(output).map((line): [string, string] => {
        const [ref = '', sha = ''] = line.split(' ');
        return [ref, sha];
      }),
    );
  }

  async branch(name: string): Promise<string | undefined> {
    return (await this.refs(`refs/heads/${name}`)).get(`refs/heads/${name}`);
  }

  /** Moves the ref if it still stands at `from` (NO_COMMIT: does not exist); `to` NO_COMMIT deletes it. */
  async moveRef(ref: string, from: string, to: string): Promise<'moved' | 'raced'> {
    const args = to === NO_COMMIT ? ['update-ref', '-d', ref, from] : ['update-ref', ref, to, from];
    const { exitCode } = await this.tryGit(args);
    return exitCode === 0 ? 'moved' : 'raced';
  }

  async isAncestor(ancestor: string, of: string): Promise<boolean> {
    return (await this.tryGit(['merge-base', '--is-ancestor', ancestor, of])).exitCode === 0;
  }

  async mergeBase(one: string, other: string): Promise<string | undefined> {
    const { exitCode, stdout } = await this.tryGit(['merge-base', one, other]);
    return exitCode === 0 ? stdout.trim() : undefined;
  }

  /** Commits of a range (`base..head` or a SHA), newest first. */
  async log(range: string, options: string[] = [], path?: string): Promise<Commit[]> {
    if (path !== undefined && leadsOut(path)) return [];
    const output = await this.git([
      'log',
      `--format=${COMMIT_FORMAT}`,
      ...options,
      range,
      '--',
      ...(path === undefined ? [] : [path]),
    ]);
    return output
      .split('\x1e')
      .map((record) => record.trimStart())
      .filter(Boolean)
      .map(parseCommit);
  }

  async commit(sha: string): Promise<Commit> {
    const [commit] = await this.log(sha, ['--max-count=1']);
    if (!commit) throw new Error(`git knows no commit ${sha}`);
    return commit;
  }

  async count(range: string, options: string[] = []): Promise<number> {
    return Number(await this.git(['rev-list', '--count', ...options, range, '--']));
  }

  /** The entries of a folder (`''` is the root), or the entry of a file itself; undefined when there is none. */
  async entries(
    commit: string,
    path: string,
  ): Promise<{ kind: 'directory' | 'file'; entries: TreeEntry[] } | undefined> {
    if (leadsOut(path)) return undefined;
    if (path === '') return { kind: 'directory', entries: await this.#listTree(commit, []) };
    const [entry] = await this.#listTree(commit, [path]);
    if (!entry) return undefined;
    if (entry.type === 'tree') return { kind: 'directory', entries: await this.#listTree(commit, [`${path}/`]) };
    return { kind: 'file', entries: [entry] };
  }

  async #listTree(commit: string, paths: string[]): Promise<TreeEntry[]> {
    const output = await this.git([
      '--literal-pathspecs',
      'ls-tree',
      '-z',
      '-l',
      '--full-tree',
      commit,
      '--',
      ...paths,
    ]);
    return output
      .split('\0')
      .filter(Boolean)
      .map((line) => {
        const [facts = '', path = ''] = line.split('\t');
        const [mode = '', type, sha = '', size] = facts.split(/ +/);
        return { mode, type: type === 'tree' || type === 'commit' ? type : 'blob', sha, size: Number(size) || 0, path };
      });
  }

  /** The tree without entries, from which a first commit's changes are counted. */
  async emptyTree(): Promise<string> {
    return (await this.git(['mktree'])).trim();
  }

  async blobBase64(sha: string): Promise<string> {
    const { stdout } = await execa('git', ['cat-file', 'blob', sha], {
      cwd: this.directory,
      env: gitEnvironment(),
      extendEnv: false,
      encoding: 'base64',
      timeout: GIT_DEADLINE_MS,
      stripFinalNewline: false,
    });
    return stdout;
  }
}

/** git ends with an error for a path outside of the repository, where nothing can be. */
function leadsOut(path: string): boolean {
  return isAbsolute(path) || normalize(path).startsWith('..');
}

function parseCommit(record: string): Commit {
  const [sha = '', tree = '', parents = '', an = '', ae = '', ad = '', cn = '', ce = '', cd = '', message = ''] =
    record.split('\x1f');
  return {
    sha,
    tree,
    parents: parents.split(' ').filter(Boolean),
    author: { name: an, email: ae, date: ad },
    committer: { name: cn, email: ce, date: cd },
    message: message.trimEnd(),
  };
}

function lines(text: string): string[] {
  return text.split('\n').filter(Boolean);
}
