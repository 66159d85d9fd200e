import { mkdir, mkdtemp, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { FairwayError } from '../../domain/errors.ts';
import type { GitRepository, GitSource, Revision } from '../../ports/git-source.ts';
import { SharedTurns } from './shared-turns.ts';
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
  const fetches = new SharedTurns();
  return {
    repository(name) {
      const folder = name.replaceAll('/', '__');
      const mirror = mirrorOf(join(directory, 'mirrors', `${folder}.git`), join(directory, 'trees'), remote(name));
      return { ...mirror, fetch: (signal) => fetches.run(folder, () => mirror.fetch(signal)) };
    },
    tidy: () => tidyMirrors(directory, environment),
  };
}

// What the host's git configuration says must not change what we read; credentials go by the environment, since
// arguments can be seen by every process of the machine.
const environment = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };

// A disk that hangs is no reason to wait for ever.
const local = { env: environment, timeout: 120_000 };

// A forge that takes the request and then says nothing would hold a worker until the deadline.
const impatience = { GIT_HTTP_LOW_SPEED_LIMIT: '1', GIT_HTTP_LOW_SPEED_TIME: '15' };

// A change may bring a .gitattributes that has files left out of an archive or rewritten in it: what is rendered would not be what was
// reviewed. This file of the mirror's own has the last word.
const plainBytes = '* -export-ignore -export-subst -ident -text -eol -filter -working-tree-encoding !merge\n';

/** Whole or not at all: git writes a new repository file by file, and may be killed in between. */
async function ensureMirror(bare: string): Promise<void> {
  const isThere = await stat(bare).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    await mkdir(dirname(bare), { recursive: true });
    const scratch = await mkdtemp(`${bare}.part-`);
    await execa('git', ['init', '--quiet', '--bare', scratch], local);
    await renameUnlessThere(scratch, bare);
  }
  await mkdir(join(bare, 'info'), { recursive: true });
  await writeFile(join(bare, 'info', 'attributes'), plainBytes);
}

/** Mirrors of earlier versions hold tags, which git would take for the branches of the same name. */
async function forgetTags(bare: string): Promise<void> {
  const { stdout } = await execa(
    'git',
    ['--git-dir', bare, 'for-each-ref', '--format=delete %(refname)', 'refs/tags'],
    local,
  );
  if (stdout !== '')
    await execa('git', ['--git-dir', bare, 'update-ref', '--stdin'], { ...local, input: `${stdout}\n` });
}

/** A full object id. Anything else would be looked up among the names that whoever pushes can choose. */
function objectId(id: string): string {
  if (/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(id)) return id;
  throw new Error(`"${id}" is no object id of git`);
}

/** Someone else who made the same thing meanwhile has made it as well. */
async function renameUnlessThere(scratch: string, place: string): Promise<void> {
  await rename(scratch, place).catch(async (error: NodeJS.ErrnoException) => {
    await rm(scratch, { recursive: true, force: true });
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}

function mirrorOf(bare: string, trees: string, remote: GitRemote): GitRepository {
  const git = (args: string[], reject = true) =>
    execa('git', ['--git-dir', bare, ...args], { ...local, reject, stripFinalNewline: true });

  const revisionAt = async (name: string): Promise<Revision | undefined> => {
    const { exitCode, stdout } = await git(['rev-parse', '--verify', '--quiet', `${name}^{commit}`], false);
    if (exitCode !== 0) return undefined;
    return { commit: stdout, tree: (await git(['rev-parse', '--verify', `${stdout}^{tree}`])).stdout };
  };

  return {
    branch: (name) => revisionAt(`refs/heads/${name}`),
    commit: async (id) => revisionAt(objectId(id)),

    async fetch(signal) {
      await ensureMirror(bare);
      await forgetTags(bare);
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
      const options = ['--quiet', '--prune', '--no-tags', '--no-auto-gc'];
      const attempt = () =>
        execa('git', ['--git-dir', bare, 'fetch', ...options, remote.url, ...refs], {
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

    async isAncestor(ancestor, of) {
      return (await git(['merge-base', '--is-ancestor', objectId(ancestor), objectId(of)], false)).exitCode === 0;
    },

    async hadTree(commit, tree) {
      const { stdout } = await git(['log', '--format=%T', objectId(commit)]);
      return stdout.split('\n').includes(tree);
    },

    async merge(one, other) {
      const [base, head] = [objectId(one), objectId(other)];
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

    async commitsSince(from, to) {
      const range = `${objectId(from)}..${objectId(to)}`;
      const { stdout } = await git(['log', '-z', '--topo-order', '--max-count=500', '--format=%H %T %P%n%s', range]);
      return stdout
        .split('\0')
        .filter((entry) => entry !== '')
        .map((entry) => {
          const [ids = '', title = ''] = entry.split('\n');
          const [id = '', tree = '', ...parents] = ids.split(' ');
          return { id, tree, title, isMerge: parents.length > 1 };
        });
    },

    async changedFiles(from, to) {
      const { stdout } = await git([
        'diff-tree',
        '-r',
        '-z',
        '--name-only',
        '--no-renames',
        objectId(from),
        objectId(to),
      ]);
      return stdout.split('\0').filter((path) => path !== '');
    },

    async readFile(revision, path) {
      const { exitCode, stdout } = await execa(
        'git',
        ['--git-dir', bare, 'cat-file', 'blob', `${objectId(revision)}:${path}`],
        {
          ...local,
          reject: false,
          stripFinalNewline: false,
        },
      );
      return exitCode === 0 ? stdout : undefined;
    },

    async listFiles(revision, folder) {
      const { stdout } = await git(['ls-tree', '-z', '--name-only', objectId(revision), `${folder}/`]);
      return stdout
        .split('\0')
        .filter((path) => path !== '')
        .map((path) => path.slice(folder.length + 1))
        .sort();
    },

    async checkout(tree) {
      const place = join(trees, objectId(tree));
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
        ...local,
        encoding: 'buffer',
      });
      await pack.pipe('tar', ['-x', '-C', scratch]);
      await renameUnlessThere(scratch, place);
      return place;
    },
  };
}
