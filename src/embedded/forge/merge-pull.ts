import { announceRefs } from './announce-refs.ts';
import { ApiError } from './api-error.ts';
import type { Access } from './authentication.ts';
import { type ForgeContext, gitOf } from './forge-context.ts';
import type { Row } from './forge-tables.ts';
import { type MergeResult, mergeCommit, rebaseCommits, squashCommit } from './git-merge.ts';
import { mergeHindrance, protectionOf } from './protection.ts';
import { findPull } from './pull-records.ts';
import { emailOf } from './push-payload.ts';

export interface MergeOrder {
  number: number;
  method: 'merge' | 'squash' | 'rebase';
  /** The head that the caller has looked at; a moved one is answered with 409. */
  sha: string | undefined;
  title: string | undefined;
  message: string | undefined;
}

/**
 * Merges a pull request and returns the base branch's new tip. The one atomic step is git's compare-and-swap of the branch;
 * `announceRefs`, now or after a crash, finds the merge by its commit and closes the pull request.
 */
export async function mergePull(forge: ForgeContext, access: Access, order: MergeOrder): Promise<string> {
  const { repository, viewer } = access;
  return await forge.serial.run(String(repository.id), async () => {
    await announceRefs(forge, repository, viewer);
    const pull = await findPull(forge.database, repository, order.number);
    await refuseUnmergeable(forge, access, pull, order);
    const result = await makeCommit(forge, access, pull, order);
    if (result.outcome === 'conflict') {
      throw new ApiError(
        405,
        order.method === 'rebase' ? "This branch can't be rebased" : 'Pull Request is not mergeable',
      );
    }
    await noteMerge(forge, pull, result.sha, viewer.id);
    const moved = await gitOf(forge, repository).moveRef(`refs/heads/${pull.baseRef}`, pull.baseSha, result.sha);
    if (moved === 'raced') {
      await noteMerge(forge, pull, null, null);
      throw new ApiError(405, 'Base branch was modified. Review and try the merge again.');
    }
    await announceRefs(forge, repository, viewer);
    return result.sha;
  });
}

async function refuseUnmergeable(
  forge: ForgeContext,
  access: Access,
  pull: Row<'pulls'>,
  order: MergeOrder,
): Promise<void> {
  if (pull.state === 'closed') throw new ApiError(405, 'Pull Request is not mergeable');
  if (order.sha !== undefined && order.sha !== pull.headSha) {
    throw new ApiError(409, 'Head branch was modified. Review and try the merge again.');
  }
  const hindrance = await mergeHindrance(forge, access.repository, pull);
  if (!hindrance) return;
  const protection = await protectionOf(forge.database, access.repository.id, pull.baseRef);
  const mayBypass = access.permission === 'admin' && protection?.enforceAdmins === 0 && hindrance.state !== 'draft';
  if (!mayBypass) throw new ApiError(405, hindrance.message);
}

async function makeCommit(
  forge: ForgeContext,
  access: Access,
  pull: Row<'pulls'>,
  order: MergeOrder,
): Promise<MergeResult> {
  const { repository, viewer } = access;
  const git = gitOf(forge, repository);
  const request = {
    base: pull.baseSha,
    head: pull.headSha,
    author: { name: viewer.login, email: emailOf(viewer.login) },
  };
  if (order.method === 'rebase') return await rebaseCommits(git, request);
  if (order.method === 'merge') {
    const title = order.title ?? `Merge pull request #${pull.number} from ${repository.owner}/${pull.headRef}`;
    return await mergeCommit(git, { ...request, message: paragraphs(title, order.message ?? pull.title) });
  }
  const commits = await git.log(`${pull.baseSha}..${pull.headSha}`, ['--reverse', '--no-merges']);
  const [first] = commits;
  const title =
    order.title ?? `${commits.length === 1 && first ? subject(first.message) : pull.title} (#${pull.number})`;
  const message =
    order.message ??
    (commits.length === 1 && first ? body(first.message) : commits.map((commit) => `* ${commit.message}`).join('\n\n'));
  return await squashCommit(git, { ...request, message: paragraphs(title, message) });
}

async function noteMerge(
  forge: ForgeContext,
  pull: Row<'pulls'>,
  mergeCommitSha: string | null,
  mergedById: number | null,
): Promise<void> {
  await forge.database.updateTable('pulls').set({ mergeCommitSha, mergedById }).where('id', '=', pull.id).execute();
}

function paragraphs(title: string, message: string): string {
  return message === '' ? title : `${title}\n\n${message}`;
}

function subject(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}

function body(message: string): string {
  return message.split('\n').slice(1).join('\n').trim();
}
