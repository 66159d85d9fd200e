import { isPromotionBranch, promotionBranch } from '../domain/promotion-branch.ts';
import type { PullRequest } from '../ports/forge.ts';
import type { GitRepository, Revision } from '../ports/git-source.ts';
import type { ChannelState, Store } from '../ports/store.ts';

export type PromotionJudgement =
  | { promotion: 'no' }
  /** Its head is what the channel has converged to. `base`: what the next channel's clusters have; undefined when they never converged. */
  | { promotion: 'current'; base: string | undefined }
  /** Someone has moved the branch, or the channel has moved on. */
  | { promotion: 'stale'; from: string | undefined; converged: string | undefined; reason: string };

/**
 * Whether a pull request from a promotion's branch still proposes what it says: writers can push to the branch, and the pull request
 * outlives a revert or a force push of the channel that it comes from.
 */
export async function judgePromotion(
  { channels }: Pick<Store, 'channels'>,
  git: GitRepository,
  repository: string,
  pull: PullRequest,
  target: string,
  head: Revision,
): Promise<PromotionJudgement> {
  if (pull.fork || !isPromotionBranch(pull.headBranch)) return { promotion: 'no' };
  const known = (await channels.list()).filter((state) => state.repository === repository);
  const from = known.find(({ channel }) => promotionBranch(channel, target) === pull.headBranch);
  const { convergedSha: sha, convergedTree: tree } = from ?? {};
  if (from === undefined || sha === undefined)
    return {
      promotion: 'stale',
      from: undefined,
      converged: undefined,
      reason: `no channel has converged that ${pull.headBranch} could promote`,
    };
  if (head.tree === tree && (await git.isAncestor(sha, head.commit)))
    return { promotion: 'current', base: known.find(({ channel }) => channel === target)?.convergedSha };
  return { promotion: 'stale', from: from.channel, converged: sha, reason: staleReason(from, sha, pull, head) };
}

function staleReason({ channel }: ChannelState, sha: string, { headBranch }: PullRequest, head: Revision): string {
  return `${headBranch} stands at ${head.commit.slice(0, 8)}, and ${channel} has converged to ${sha.slice(0, 8)}: that is proposed once it has soaked`;
}
