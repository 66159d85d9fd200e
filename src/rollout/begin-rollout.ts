import type { Cluster } from '../domain/cluster.ts';
import { isFinal, type Run } from '../domain/run.ts';
import { type NewRun, newRun } from './new-run.ts';
import type { Planning } from './planning.ts';

/** `base` is what the clusters come from; a rollback comes from the revision that it takes back. */
export interface Rollout extends NewRun {
  kind: 'rollout' | 'rollback';
}

/** What became of a wish to move a channel's clusters; `said` is for people. */
export type RolloutDecision =
  | { decision: 'begun'; runId: string; said: string }
  /** Nothing is to be done, or something else comes first. */
  | { decision: 'none'; said: string };

export function notBegun(said: string): RolloutDecision {
  return { decision: 'none', said };
}

export function isServed({ lifecycle_status }: Cluster): boolean {
  return lifecycle_status === 'ready' || lifecycle_status === 'requested';
}

/** Which revision counts as tried by a run: one that was taken back is not tried again. */
export function attemptedBy({ kind, baseSha, headSha }: Pick<Run, 'kind' | 'baseSha' | 'headSha'>): string {
  return kind === 'rollback' ? (baseSha ?? headSha) : headSha;
}

/** Makes the run and gives it the channel, which has one at a time. */
export async function beginRollout({ store, dispatcher }: Planning, rollout: Rollout): Promise<RolloutDecision> {
  const { id, kind, repository, policy, clusters, requestedBy } = rollout;
  const run = newRun(rollout);
  const sha = rollout.head.commit.slice(0, 8);
  // The run is written first: a claim without its run would hold the channel for ever.
  await store.runs.create({ ...run, wakeAt: Date.now() + 2_000 });
  const known = await store.runs.get(id);
  if (known && isFinal(known.status)) return notBegun(`${policy.channel} has had ${sha} already`);
  const { channel, branch } = policy;
  if (!(await store.channels.claim({ repository, channel, branch, runId: id, sha: attemptedBy(run) }))) {
    await store.runs.requestCancel(id, 'another rollout of the channel began first');
    return notBegun(`${policy.channel} has another rollout under way`);
  }
  await store.audit.append({
    id: `${id}/begin`,
    at: Date.now(),
    actor: requestedBy,
    action: kind === 'rollout' ? 'roll-out' : 'roll-back',
    subject: `${repository}/${policy.channel}`,
    detail: rollout.head.commit,
  });
  await dispatcher.wake({ wake: 'run', id });
  const verb = kind === 'rollout' ? `rolls ${sha} out to` : `takes back to ${sha}`;
  const said = `run ${id} ${verb} ${clusters.length} clusters of ${policy.channel}`;
  return { decision: 'begun', runId: id, said };
}
