import type { ClusterStatus } from '../domain/cluster.ts';
import { isJsonObject } from '../domain/json.ts';
import { isFinal, type StageRecord } from '../domain/run.ts';
import type { ClusterPatch, ClusterRegistry } from '../ports/cluster-registry.ts';

/**
 * When a stage of a cluster has ended, the registry says what the cluster runs now, or what went wrong; that it is under way, the step
 * that applies has said. Can be repeated. Of a stage that was stopped or had no turn, nothing is said.
 */
export async function noteOnCluster(registry: ClusterRegistry, stage: StageRecord): Promise<void> {
  if (stage.cluster === undefined || !isFinal(stage.status)) return;
  const cluster = await registry.get(stage.cluster);
  if (!cluster) return;
  if (stage.status === 'succeeded') {
    const version = appliedVersion(stage);
    if (version === undefined) return;
    const patch: ClusterPatch = { status: runningNow(cluster.status, version) };
    if (cluster.lifecycle_status === 'requested') patch.lifecycle_status = 'ready';
    await registry.patch(cluster.id, patch);
  } else if (stage.status !== 'cancelled' && stage.status !== 'skipped') {
    const step = stage.steps.find(({ status }) => status === stage.status);
    const problem = { type: 'about:blank', title: `${step?.kind ?? stage.name} ${stage.status}`, detail: stage.reason };
    await registry.patch(cluster.id, { status: { ...cluster.status, problems: [problem] } });
  }
}

function runningNow(before: ClusterStatus, version: string): ClusterStatus {
  const last = before.current_version === version ? before.last_version : before.current_version;
  return { current_version: version, next_version: '', last_version: last, problems: [] };
}

function appliedVersion({ steps }: StageRecord): string | undefined {
  const output = steps.findLast(({ kind }) => kind === 'apply')?.output;
  return isJsonObject(output) && typeof output.version === 'string' ? output.version : undefined;
}
