import { z } from 'zod';
import type { LiveObject } from '../live-object.ts';
import type { ObjectApi } from '../object-api.ts';

export const PODS = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', words: [], namespaced: true };
const REPLICA_SETS = {
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  words: [],
  namespaced: true,
};

const selectorFields = z.object({
  spec: z.object({
    selector: z.object({
      matchLabels: z.record(z.string(), z.string()).default({}),
      matchExpressions: z
        .array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).default([]) }))
        .default([]),
    }),
  }),
});

/** What makes the pods of the newest revision: for a Deployment its newest ReplicaSet, else the object itself. */
export async function makerOf(
  api: ObjectApi,
  object: LiveObject,
  signal: AbortSignal,
): Promise<LiveObject | undefined> {
  if (object.kind !== 'Deployment') return object;
  const labelSelector = selectorOf(object);
  const sets = await api.list(REPLICA_SETS, object.metadata.namespace, { labelSelector }, signal);
  return sets
    .filter((set) => isOwnedBy(set, object))
    .sort((a, b) => revisionOf(a) - revisionOf(b))
    .at(-1);
}

/** The maker's pods; of a DaemonSet or StatefulSet, which keep one maker for all revisions, those of the newest. */
export async function currentPods(
  api: ObjectApi,
  object: LiveObject,
  maker: LiveObject,
  signal: AbortSignal,
): Promise<LiveObject[]> {
  const labelSelector = selectorOf(object);
  const pods = await api.list(PODS, object.metadata.namespace, { labelSelector }, signal);
  return pods.filter((pod) => isOwnedBy(pod, maker) && isOfNewestRevision(pod, object));
}

function isOwnedBy({ metadata }: LiveObject, owner: LiveObject): boolean {
  return metadata.ownerReferences.some(({ uid }) => uid === owner.metadata.uid);
}

const updateRevision = z.object({ status: z.object({ updateRevision: z.string().optional() }).prefault({}) });

function isOfNewestRevision({ metadata }: LiveObject, object: LiveObject): boolean {
  if (object.kind === 'StatefulSet') {
    const newest = updateRevision.parse(object).status.updateRevision;
    return newest === undefined || metadata.labels['controller-revision-hash'] === newest;
  }
  if (object.kind === 'DaemonSet') {
    const newest = object.metadata.annotations['deprecated.daemonset.template.generation'];
    return newest === undefined || metadata.labels['pod-template-generation'] === newest;
  }
  return true;
}

function revisionOf({ metadata }: LiveObject): number {
  return Number(metadata.annotations['deployment.kubernetes.io/revision'] ?? 0);
}

function selectorOf(object: LiveObject): string {
  const fields = selectorFields.safeParse(object);
  // A ReplicationController's selector is a plain map of labels, which reads as none here; the owner tells its pods.
  if (!fields.success) return '';
  const { matchLabels, matchExpressions } = fields.data.spec.selector;
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  return [...equal, ...matchExpressions.map(expression)].join(',');
}

function expression({ key, operator, values }: { key: string; operator: string; values: string[] }): string {
  if (operator === 'Exists') return key;
  if (operator === 'DoesNotExist') return `!${key}`;
  return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`;
}
