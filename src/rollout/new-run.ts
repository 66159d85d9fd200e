import type { Channel } from '../domain/channel.ts';
import type { Cluster } from '../domain/cluster.ts';
import { evidenceKey } from '../domain/evidence.ts';
import type { Pipeline } from '../domain/pipeline.ts';
import type { Run, RunKind } from '../domain/run.ts';
import { planStages } from '../domain/stage-plan.ts';
import type { Revision } from '../ports/git-source.ts';

export interface NewRun {
  id: string;
  kind: RunKind;
  repository: string;
  pullRequest?: number;
  base: Revision | undefined;
  head: Revision;
  policy: Channel;
  pipeline: Pipeline;
  clusters: Cluster[];
  requestedBy: string;
}

/** A run that is still to do everything. */
export function newRun({
  id,
  kind,
  repository,
  pullRequest,
  base,
  head,
  policy,
  pipeline,
  clusters,
  requestedBy,
}: NewRun): Run {
  const now = Date.now();
  return {
    id,
    kind,
    repository,
    channel: policy.channel,
    pullRequest,
    baseSha: base?.commit,
    baseTree: base?.tree,
    headSha: head.commit,
    tree: head.tree,
    evidenceKey: evidenceKey(base?.tree, head.tree, pipeline),
    status: 'queued',
    reason: '',
    reusedFrom: undefined,
    requestedBy,
    createdAt: now,
    startedAt: undefined,
    finishedAt: undefined,
    cancelReason: undefined,
    wakeAt: now,
    policy,
    stages: planStages(pipeline, policy, clusters),
  };
}

/** A run whose end is known before it begins. */
export function endedRun(run: Run, status: Run['status'], reason: string, reusedFrom?: string): Run {
  const now = Date.now();
  const stages = run.stages.map((stage) => ({
    ...stage,
    status: 'skipped' as const,
    reason,
    steps: stage.steps.map((step) => ({ ...step, status: 'skipped' as const })),
  }));
  return { ...run, status, reason, reusedFrom, startedAt: now, finishedAt: now, wakeAt: undefined, stages };
}
