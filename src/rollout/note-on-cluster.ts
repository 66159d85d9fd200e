import type { Cluster, ClusterStatus } from '../domain/cluster.ts';
import { versionFor } from '../domain/cluster-version.ts';
import { isJsonObject } from '../domain/json.ts';
import { isFinal, type StageRecord } from '../domain/run.ts';
import type { ClusterRegistry } from '../ports/cluster-registry.ts';

/**
 * When a stage of a cluster has ended, the registry says what the cluster runs now, or what went wrong; that it is under way, the step
 * that applies has said. Can be repeated. Of a stage that was stopped or had no turn, nothing is said.
 */
export async function noteOnCluster(registry: ClusterRegistry, stage: StageRecord): Promise<void> {
  if (stage.cluster === undefined || !isFinal(stage.status)) return;
  if (stage.status === 'cancelled' || stage.status === 'skipped') return;
  await registry.update(stage.cluster, (record) =>
    stage.status === 'succeeded' ? withVersion(record, appliedVersion(stage)) : withProblem(record, stage),
  );
}

function withVersion(record: Cluster, version: string | undefined): Cluster {
  if (version === undefined) return record;
  if (record.lifecycle_status !== 'requested') return { ...record, status: runningNow(record.status, version) };
  // Being ready is part of the version, and is no change that would have to be rolled out.
  const ready: Cluster = { ...record, lifecycle_status: 'ready' };
  const same = versionFor(version, record) === version;
  return { ...ready, status: runningNow(record.status, same ? versionFor(version, ready) : version) };
}

function withProblem(record: Cluster, { name, status, reason, steps }: StageRecord): Cluster {
  const step = steps.find((one) => one.status === status);
  const problem = { type: 'about:blank', title: `${step?.kind ?? name} ${status}`, detail: reason };
  return { ...record, status: { ...record.status, problems: [problem] } };
}

function runningNow(before: ClusterStatus, version: string): ClusterStatus {
  const last = before.current_version === version ? before.last_version : before.current_version;
  return { current_version: version, next_version: '', last_version: last, problems: [] };
}

function appliedVersion({ steps }: StageRecord): string | undefined {
  const output = steps.findLast(({ kind }) => kind === 'apply')?.output;
  return isJsonObject(output) && typeof output.version === 'string' ? output.version : undefined;
}
