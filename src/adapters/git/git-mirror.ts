import { mkdir, mkdtemp, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { FairwayError } from '../../domain/errors.ts';
import type { GitRepository, GitSource } from '../../ports/git-source.ts';
import { removeStaleLocks } from './stale-locks.ts';
import { tidyMirrors } from './tidy-mirrors.ts';

export interface GitRemote {
  url: string;
  /** Value of the Authorization header, or undefined for none. */
  authorization(): Promise<string | undefined>;
}

export interface GitMirrorOptions {
  /** Folder for bare copies and checked-out trees. */
  directory: string;
  remote(repository: string): GitRemote;
}

/** Keeps a bare copy of each repository and checks trees out of it, by the git command. */
export function createGitMirror({ directory, remote }: GitMirrorOptions): GitSource {
  return {
    repository(name) {
      const folder = name.replaceAll('/', '__');
      return mirrorOf(join(directory, 'mirrors', `${folder}.git`), join(directory, 'trees'), remote(name));
    },
    tidy: () => tidyMirrors(directory, environment),
  };
}

// What the host's git configuration says must not change what we read; credentials go by the environment, since
// arguments can be seen by every process of the machine.
const environment = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };

// A forge that takes the request and then says nothing would hold a worker until the deadline.
const impatience = { GIT_HTTP_LOW_SPEED_LIMIT: '1', GIT_HTTP_LOW_SPEED_TIME: '15' };

function mirrorOf(bare: string, trees: string, remote: GitRemote): GitRepository {
  const git = (args: string[], reject = true) =>
    execa('git', ['--git-dir', bare, ...args], { env: environment, reject, stripFinalNewline: true });

  const resolve = async (revision: string): Promise<{ commit: string; tree: string } | undefined> => {
    const { exitCode, stdout } = await git(
      ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`],
      false,
    );
    if (exitCode !== 0) return undefined;
    return { commit: stdout, tree: (await git(['rev-parse', '--verify', `${stdout}^{tree}`])).stdout };
  };

  return {
    resolve,

    async fetch(signal) {
      await execa('git', ['init', '--quiet', '--bare', bare], { env: environment });
      const authorization = await remote.authorization();
      const header =
        authorization === undefined
          ? {}
          : {
              GIT_CONFIG_COUNT: '1',
              GIT_CONFIG_KEY_0: 'http.extraHeader',
              GIT_CONFIG_VALUE_0: `Authorization: ${authorization}`,
            };
      const refs = ['+refs/heads/*:refs/heads/*', '+refs/pull/*/head:refs/pull/*/head'];
      const attempt = () =>
        execa('git', ['--git-dir', bare, 'fetch', '--quiet', '--prune', '--no-auto-gc', remote.url, ...refs], {
          env: { ...environment, ...impatience, ...header },
          cancelSignal: signal,
          timeout: 120_000,
          reject: false,
        });
      let result = await attempt();
      if (result.exitCode !== 0 && (await removeStaleLocks(bare)) > 0) result = await attempt();
      if (result.exitCode === 0) return;
      const lines = result.stderr.trim().split('\n');
      const said = lines.find((line) => /^(fatal|error): /.test(line)) ?? (lines.at(-1) || 'no answer');
      throw new FairwayError('unavailable', `can't fetch ${remote.url}: ${said}`);
    },

    async branches() {
      const { stdout } = await git(['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads']);
      return stdout.split('\n').filter((name) => name !== '');
    },

    async merge(base, head) {
      if ((await git(['merge-base', base, head], false)).exitCode !== 0) return { outcome: 'unrelated' };
      const { exitCode, stdout, stderr } = await git(
        ['merge-tree', '--write-tree', '--name-only', '--no-messages', base, head],
        false,
      );
      const [tree = '', ...files] = stdout.split('\n');
      if (exitCode === 0) return { outcome: 'merged', tree };
      if (exitCode === 1) return { outcome: 'conflict', files };
      throw new Error(`git merge-tree ${base} ${head}: ${stderr}`);
    },

    async changedFiles(from, to) {
      const { stdout } = await git(['diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to]);
      return stdout.split('\0').filter((path) => path !== '');
    },

    async readFile(revision, path) {
      const { exitCode, stdout } = await execa('git', ['--git-dir', bare, 'cat-file', 'blob', `${revision}:${path}`], {
        env: environment,
        reject: false,
        stripFinalNewline: false,
      });
      return exitCode === 0 ? stdout : undefined;
    },

    async listFiles(revision, folder) {
      const { stdout } = await git(['ls-tree', '-z', '--name-only', revision, `${folder}/`]);
      return stdout
        .split('\0')
        .filter((path) => path !== '')
        .map((path) => path.slice(folder.length + 1))
        .sort();
    },

    async checkout(tree) {
      const place = join(trees, tree);
      // Its time says that it is in use: what nobody asks for goes after a while.
      const now = new Date();
      const isThere = await utimes(place, now, now).then(
        () => true,
        () => false,
      );
      if (isThere) return place;
      await mkdir(trees, { recursive: true });
      const scratch = await mkdtemp(join(trees, '.unpacking-'));
      const pack = execa('git', ['--git-dir', bare, 'archive', '--format=tar', tree], {
        env: environment,
        encoding: 'buffer',
      });
      await pack.pipe('tar', ['-x', '-C', scratch]);
      await rename(scratch, place).catch(async (error: NodeJS.ErrnoException) => {
        await rm(scratch, { recursive: true, force: true });
        // Someone else unpacked the same tree meanwhile, which is as good.
        if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
      });
      return place;
    },
  };
}
