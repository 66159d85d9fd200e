import type { BareRepository, Commit, Identity } from './bare-repository.ts';

export type MergeResult = { outcome: 'merged'; sha: string } | { outcome: 'conflict' };

/** Who makes the merge, and the commit's message where the method makes one of its own. */
interface MergeAuthor {
  name: string;
  email: string;
}

interface MergeRequest {
  base: string;
  head: string;
  author: MergeAuthor;
  message: string;
}

/** A merge commit of two parents; no ref is moved. */
export async function mergeCommit(repository: BareRepository, request: MergeRequest): Promise<MergeResult> {
  const tree = await mergeTrees(repository, request.base, request.head);
  if (!tree) return { outcome: 'conflict' };
  const sha = await commitTree(
    repository,
    tree,
    [request.base, request.head],
    request.message,
    identityNow(request.author),
  );
  return { outcome: 'merged', sha };
}

/** One commit upon the base with all of the head's changes; no ref is moved. */
export async function squashCommit(repository: BareRepository, request: MergeRequest): Promise<MergeResult> {
  const tree = await mergeTrees(repository, request.base, request.head);
  if (!tree) return { outcome: 'conflict' };
  const sha = await commitTree(repository, tree, [request.base], request.message, identityNow(request.author));
  return { outcome: 'merged', sha };
}

/** The head's commits replayed upon the base, merges left out as git rebase does; no ref is moved. */
export async function rebaseCommits(
  repository: BareRepository,
  request: Omit<MergeRequest, 'message'>,
): Promise<MergeResult> {
  const commits = await repository.log(`${request.base}..${request.head}`, [
    '--reverse',
    '--topo-order',
    '--no-merges',
  ]);
  let tip = request.base;
  for (const commit of commits) {
    const picked = await cherryPick(repository, tip, commit, identityNow(request.author));
    if (picked === undefined) return { outcome: 'conflict' };
    tip = picked;
  }
  return { outcome: 'merged', sha: tip };
}

/** Whether the two would merge without a conflict. */
export async function mergesCleanly(repository: BareRepository, base: string, head: string): Promise<boolean> {
  return (await mergeTrees(repository, base, head)) !== undefined;
}

async function mergeTrees(repository: BareRepository, ours: string, theirs: string): Promise<string | undefined> {
  const { exitCode, stdout, stderr } = await repository.tryGit([
    'merge-tree',
    '--write-tree',
    '--no-messages',
    ours,
    theirs,
  ]);
  if (exitCode === 0) return stdout.trim();
  if (exitCode === 1) return undefined;
  // Histories without a common beginning, which git refuses to merge with 128, as it does what is broken.
  if ((await repository.mergeBase(ours, theirs)) === undefined) return undefined;
  throw new Error(`git merge-tree ended with ${exitCode}: ${stderr}`);
}

/**
 * git 2.39 has no `merge-tree --merge-base`: a commit that holds the tip's tree, but has the picked commit's parent for a
 * parent, makes git find that parent as the base.
 */
async function cherryPick(
  repository: BareRepository,
  tip: string,
  commit: Commit,
  committer: Identity,
): Promise<string | undefined> {
  const [parent] = commit.parents;
  const tipTree = (await repository.commit(tip)).tree;
  const standIn = await commitTree(repository, tipTree, parent ? [parent] : [], 'stand-in', committer);
  const tree = await mergeTrees(repository, standIn, commit.sha);
  if (tree === undefined || tree === tipTree) return tree === undefined ? undefined : tip;
  return await commitTree(repository, tree, [tip], commit.message, committer, commit.author);
}

/** A commit of that tree; no ref is moved. Throws when tree or a parent is not there. */
export async function commitTree(
  repository: BareRepository,
  tree: string,
  parents: string[],
  message: string,
  committer: Identity,
  author: Identity = committer,
): Promise<string> {
  const env = {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_AUTHOR_DATE: author.date,
    GIT_COMMITTER_NAME: committer.name,
    GIT_COMMITTER_EMAIL: committer.email,
    GIT_COMMITTER_DATE: committer.date,
  };
  const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-F', '-'];
  return (await repository.git(args, { input: `${message}\n`, env })).trim();
}

function identityNow(author: MergeAuthor): Identity {
  return { ...author, date: new Date().toISOString() };
}
