import { FairwayError } from '../domain/errors.ts';
import { promotionBranch } from '../domain/promotion-branch.ts';
import type { Run } from '../domain/run.ts';
import { wasHalted } from '../domain/run-progress.ts';
import { beginPromotion } from './begin-promotion.ts';
import { keepEvidence } from './keep-evidence.ts';
import type { Planning } from './planning.ts';
import { rollBack } from './roll-back.ts';
import { rollOutChannel } from './roll-out-channel.ts';
import { verifyPullRequest } from './verify-pull-request.ts';

/** What follows from a run's end. Can be repeated: it is done again when the end could not be written. */
export async function concludeRun(planning: Planning, run: Run, signal: AbortSignal): Promise<void> {
  if (run.kind === 'pull-request') return concludeProof(planning, run, signal);
  if (run.kind === 'rollout' || run.kind === 'rollback') return concludeRollout(planning, run, signal);
}

/** A branch that was waiting for its proof is looked at again. */
async function concludeProof(planning: Planning, run: Run, signal: AbortSignal): Promise<void> {
  await keepEvidence(planning.store, run);
  if (run.pullRequest === undefined && run.status === 'succeeded') await rollOutNext(planning, run, signal);
}

async function concludeRollout(planning: Planning, run: Run, signal: AbortSignal): Promise<void> {
  const { store } = planning;
  const converged =
    run.kind === 'rollout' && run.status === 'succeeded'
      ? { sha: run.headSha, tree: run.tree, at: Date.now() }
      : undefined;
  await store.channels.finish(run.repository, run.channel, run.id, converged);
  await store.audit.append({
    id: `${run.id}/end`,
    at: Date.now(),
    actor: 'fairway',
    action: `${run.kind}-${run.status}`,
    subject: `${run.repository}/${run.channel}`,
    detail: run.headSha,
  });
  if (converged) {
    await lookAtPromotion(planning, run, signal);
    await beginPromotion(planning, run);
  }
  await rollOutNext(planning, run, signal);
  if (goesBackByItself(run)) await takeBack(planning, run, signal);
}

function goesBackByItself(run: Run): boolean {
  const failed = run.status === 'failed' || run.status === 'errored';
  return run.kind === 'rollout' && failed && run.policy.rollout.rollback === 'auto' && wasHalted(run);
}

/** A newer revision, which may be the remedy, comes before going back. */
async function takeBack(planning: Planning, { repository, channel }: Run, signal: AbortSignal): Promise<void> {
  try {
    await rollBack(planning, { repository, channel, requestedBy: 'fairway' }, signal);
  } catch (error) {
    if (!(error instanceof FairwayError)) throw error;
  }
}

/** A newer revision may have waited. That it can't be rolled out now is no reason for this run not to end: catching up tries again. */
async function rollOutNext(planning: Planning, { repository, policy }: Run, signal: AbortSignal): Promise<void> {
  try {
    await rollOutChannel(planning, { repository, branch: policy.branch, requestedBy: 'fairway' }, signal);
  } catch (error) {
    if (!(error instanceof FairwayError)) throw error;
  }
}

/** An open promotion of an earlier revision is not to be merged any more: its gate says so until the new one has soaked. */
async function lookAtPromotion(planning: Planning, { repository, policy }: Run, signal: AbortSignal): Promise<void> {
  const { channel, promotion } = policy;
  if (!promotion) return;
  const branch = promotionBranch(channel, promotion.to);
  try {
    const open = await planning.forge.openPullRequests(repository);
    for (const { number } of open.filter(({ headBranch, fork }) => headBranch === branch && !fork))
      await verifyPullRequest(
        planning,
        { repository, pullRequest: number, again: undefined, requestedBy: 'fairway' },
        signal,
      );
  } catch (error) {
    // Catching up looks again.
    if (!(error instanceof FairwayError)) throw error;
  }
}
