import { isOvertaken } from '../domain/cancel-reason.ts';
import { FairwayError, messageOf } from '../domain/errors.ts';
import { isPromotionBranch } from '../domain/promotion-branch.ts';
import type { PullRequest } from '../ports/forge.ts';
import { readPolicy } from '../steps/policy-files.ts';
import { catchUpDeliveries } from './catch-up-deliveries.ts';
import type { Planning } from './planning.ts';
import { rollOutChannel } from './roll-out-channel.ts';
import { verifyPullRequest } from './verify-pull-request.ts';

export interface Watched {
  repository: string;
  /** Where the forge sends deliveries. */
  webhookUrl: string;
}

/**
 * Asks the forge what deliveries may have failed to tell: channels behind their branch, pull requests that moved or were closed, and
 * the deliveries themselves.
 */
export async function catchUp(
  planning: Planning,
  { repository, webhookUrl }: Watched,
  report: (problem: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const attempt = async (what: string, action: () => Promise<unknown>): Promise<void> => {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof FairwayError)) throw error;
      report(`${what}: ${messageOf(error)}`);
    }
  };
  const requestedBy = 'fairway';
  const git = planning.git.repository(repository);
  await git.fetch(signal);
  for (const branch of await git.branches()) {
    const head = await git.branch(branch);
    if (!head) continue;
    const { channels } = await readPolicy(git, head.commit, planning.stepSchemas);
    if (!channels.some((channel) => channel.branch === branch)) continue;
    await attempt(branch, () => rollOutChannel(planning, { repository, branch, requestedBy }, signal));
  }
  for (const pullRequest of await movedPullRequests(planning, repository))
    await attempt(`#${pullRequest}`, () =>
      verifyPullRequest(planning, { repository, pullRequest, again: undefined, requestedBy }, signal),
    );
  await attempt('deliveries', () => catchUpDeliveries(planning, repository, webhookUrl));
}

/** Those whose newest run is not for what they are now, and closed ones that still have a run. */
async function movedPullRequests(planning: Planning, repository: string): Promise<number[]> {
  const open = await planning.forge.openPullRequests(repository);
  const numbers = new Set(open.map(({ number }) => number));
  const moved: number[] = [];
  for (const pull of open) if (!(await hasItsRun(planning, repository, pull))) moved.push(pull.number);
  for (const { pullRequest } of await planning.store.runs.list({ repository, live: true, limit: 1_000 }))
    if (pullRequest !== undefined && !numbers.has(pullRequest)) moved.push(pullRequest);
  return [...new Set(moved)];
}

async function hasItsRun({ store, git }: Planning, repository: string, pull: PullRequest): Promise<boolean> {
  const [newest] = await store.runs.list({ repository, pullRequest: pull.number, limit: 1 });
  // What a promotion is compared with is not the pull request's to change.
  if (isPromotionBranch(pull.headBranch)) return false;
  const base = await git.repository(repository).branch(pull.baseBranch);
  if (newest?.headSha !== pull.headSha || newest.baseSha !== base?.commit) return false;
  const waits = newest.status === 'skipped';
  return newest.policy.branch === pull.baseBranch && (pull.draft || !waits) && !isOvertaken(newest.cancelReason);
}
