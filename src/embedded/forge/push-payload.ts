import { type BareRepository, type Commit, NO_COMMIT } from './bare-repository.ts';
import type { Row } from './forge-tables.ts';
import type { ForgeUrls } from './forge-urls.ts';
import { fullNameOf, repositoryJson } from './json/repository-json.ts';
import { userJson } from './json/user-json.ts';

export interface RefMove {
  ref: string;
  before: string;
  after: string;
}

interface Push extends RefMove {
  repository: Row<'repositories'>;
  owner: Row<'users'>;
  sender: Row<'users'>;
}

const MOST_COMMITS = 20;

/** The payload of a `push` event. */
export async function pushPayload(urls: ForgeUrls, git: BareRepository, push: Push): Promise<object> {
  const { ref, before, after, repository } = push;
  const fullName = fullNameOf(repository);
  const created = before === NO_COMMIT;
  const deleted = after === NO_COMMIT;
  const commits = deleted ? [] : await newCommits(git, push);
  const described = await Promise.all(commits.map((commit) => pushedCommit(urls, fullName, git, commit)));
  const head = deleted ? null : await pushedCommit(urls, fullName, git, await git.commit(after));
  return {
    ref,
    before,
    after,
    created,
    deleted,
    forced: !created && !deleted && !(await git.isAncestor(before, after)),
    base_ref: null,
    compare: urls.page(fullName, 'compare', `${before.slice(0, 12)}...${after.slice(0, 12)}`),
    commits: described,
    head_commit: head,
    repository: repositoryJson(urls, repository, push.owner),
    pusher: { name: push.sender.login, email: emailOf(push.sender.login) },
    sender: userJson(urls, push.sender),
  };
}

/** The address that stands in commits made by the forge for a user. */
export function emailOf(login: string): string {
  return `${login.toLowerCase()}@users.noreply.fairway.invalid`;
}

async function newCommits(git: BareRepository, { ref, before, after }: RefMove): Promise<Commit[]> {
  const known = before === NO_COMMIT ? [`--exclude=${ref.replace('refs/heads/', '')}`, '--branches'] : [before];
  const newest = await git.log(after, [`--max-count=${MOST_COMMITS}`, '--not', ...known, '--not']);
  return newest.toReversed();
}

async function pushedCommit(urls: ForgeUrls, fullName: string, git: BareRepository, commit: Commit) {
  const output = await git.git([
    'diff-tree',
    '-r',
    '--root',
    '--no-commit-id',
    '--no-renames',
    '--name-status',
    '-z',
    commit.sha,
  ]);
  const parts = output.split('\0');
  const files: Record<'added' | 'removed' | 'modified', string[]> = { added: [], removed: [], modified: [] };
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const list = parts[at] === 'A' ? files.added : parts[at] === 'D' ? files.removed : files.modified;
    list.push(parts[at + 1] ?? '');
  }
  return {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.committer.date,
    url: urls.page(fullName, 'commit', commit.sha),
    author: { ...commit.author, username: commit.author.name },
    committer: { ...commit.committer, username: commit.committer.name },
    ...files,
  };
}
