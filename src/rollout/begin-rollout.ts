import type { Channel } from '../domain/channel.ts';
import type { Cluster } from '../domain/cluster.ts';
import type { Pipeline } from '../domain/pipeline.ts';
import { isFinal, type Run } from '../domain/run.ts';
import type { Revision } from '../ports/git-source.ts';
import { newRun } from './new-run.ts';
import type { Planning } from './planning.ts';

export interface Rollout {
  id: string;
  kind: 'rollout' | 'rollback';
  repository: string;
  /** What the clusters come from; a rollback comes from the revision that it takes back. */
  base: Revision | undefined;
  head: Revision;
  policy: Channel;
  pipeline: Pipeline;
  clusters: Cluster[];
  requestedBy: string;
}

export function isServed({ lifecycle_status }: Cluster): boolean {
  return lifecycle_status === 'ready' || lifecycle_status === 'requested';
}

/** Which revision counts as tried by a run: one that was taken back is not tried again. */
export function attemptedBy({ kind, baseSha, headSha }: Pick<Run, 'kind' | 'baseSha' | 'headSha'>): string {
  return kind === 'rollback' ? (baseSha ?? headSha) : headSha;
}

/** Makes the run and gives it the channel, which has one at a time. Returns what came of it, in words. */
export async function beginRollout({ store, dispatcher }: Planning, rollout: Rollout): Promise<string> {
  const { id, kind, repository, policy, clusters, requestedBy } = rollout;
  const run = newRun(rollout);
  const sha = rollout.head.commit.slice(0, 8);
  // The run is written first: a claim without its run would hold the channel for ever.
  await store.runs.create({ ...run, wakeAt: Date.now() + 2_000 });
  const known = await store.runs.get(id);
  if (known && isFinal(known.status)) return `${policy.channel} has had ${sha} already`;
  if (!(await store.channels.claim(repository, policy.channel, id, attemptedBy(run)))) {
    await store.runs.requestCancel(id, 'another rollout of the channel began first');
    return `${policy.channel} has another rollout under way`;
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
  return `run ${id} ${verb} ${clusters.length} clusters of ${policy.channel}`;
}
