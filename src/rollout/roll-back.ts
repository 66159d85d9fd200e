import type { Cluster } from '../domain/cluster.ts';
import { FairwayError } from '../domain/errors.ts';
import type { ChannelState } from '../ports/store.ts';
import { readPolicy } from '../steps/policy-files.ts';
import { beginRollout, isServed, notBegun, type RolloutDecision } from './begin-rollout.ts';
import type { Planning } from './planning.ts';
import { runId } from './run-id.ts';

export interface RollBackRequest {
  repository: string;
  channel: string;
  requestedBy: string;
  /** The request's id when someone asked for it, perhaps not for the first time. */
  again?: string;
}

/**
 * Takes those clusters of a channel that a failed rollout has reached back to what the channel had converged to, by the rules of that
 * revision. What failed is not tried again; the next push is.
 */
export async function rollBack(
  planning: Planning,
  { repository, channel, requestedBy, again }: RollBackRequest,
  signal: AbortSignal,
): Promise<RolloutDecision> {
  const state = await planning.store.channels.get(repository, channel);
  const { convergedSha, attemptedSha, liveRun } = state;
  if (liveRun !== undefined) return notBegun(`${channel} has a rollout under way: cancel ${liveRun} first`);
  if (convergedSha === undefined) return notBegun(`${channel} has never converged, so there is nothing to go back to`);
  if (attemptedSha === undefined || attemptedSha === convergedSha)
    return notBegun(`${channel} is where it converged to; to take back what was merged, revert it in the branch`);
  const git = planning.git.repository(repository);
  await git.fetch(signal);
  const [head, base] = [await git.commit(convergedSha), await git.commit(attemptedSha)];
  if (!head) throw new FairwayError('missing', `the revision ${convergedSha} is not in ${repository} any more`);
  const { channels, pipelines } = await readPolicy(git, convergedSha, planning.stepSchemas);
  const policy = channels.find((one) => one.channel === channel);
  const pipeline = pipelines.find(({ on }) => on.event === 'push');
  if (!policy || !pipeline) return notBegun(`${convergedSha.slice(0, 8)} has no rules to roll ${channel} out by`);
  if (policy.rollout.rollback === 'never') return notBegun(`the channel file of ${channel} says rollback: never`);
  const clusters = await reachedSince(planning, state);
  if (clusters.length === 0) return notBegun(`no cluster of ${channel} was reached by ${attemptedSha.slice(0, 8)}`);
  // What failed is gone back from once: its conclusion may be repeated after the rollback has ended.
  const [failed] = await planning.store.runs.list({ kind: 'rollout', repository, channel, limit: 1 });
  const id = runId(`rollback-${channel}`, repository, channel, failed?.id, again);
  return beginRollout(planning, {
    id,
    kind: 'rollback',
    repository,
    base,
    head,
    policy,
    pipeline,
    clusters,
    requestedBy,
  });
}

/** The clusters that a rollout has begun with since the channel converged. */
async function reachedSince({ store }: Planning, state: ChannelState): Promise<Cluster[]> {
  const { repository, channel, convergedSha } = state;
  const reached = new Set<string>();
  for (const run of await store.runs.list({ kind: 'rollout', repository, channel, limit: 100 })) {
    if (run.status === 'succeeded' && run.headSha === convergedSha) break;
    for (const { cluster, startedAt } of run.stages) if (cluster && startedAt !== undefined) reached.add(cluster);
  }
  return (await store.clusters.list({ channel })).filter((one) => reached.has(one.id) && isServed(one));
}
