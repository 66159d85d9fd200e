import { desiredObject } from '../domain/desired-object.ts';
import { type KubernetesObject, type Manifest, type ObjectRef, refOf } from '../domain/manifest.ts';
import { comparableObjects } from './comparable-objects.ts';
import { KindScopes } from './kind-scopes.ts';
import { diffFields, type FieldChange } from './object-diff.ts';
import type { RenderedCluster, RenderedStack } from './rendered-cluster.ts';
import { SecretMask } from './secret-mask.ts';
import { textOf } from './template/byte-string.ts';

/** What happens to one object or stack. `file` is where the newer (or, if removed, the older) one stands. */
export type ObjectChange =
  | { change: 'added'; ref: ObjectRef; file: string }
  | { change: 'removed'; ref: ObjectRef; file: string }
  | { change: 'changed'; ref: ObjectRef; file: string; fields: FieldChange[] };

export interface ClusterDiff {
  clusterId: string;
  changes: ObjectChange[];
}

/** Changes that are the same in all these clusters. */
export interface SharedChange {
  clusterIds: string[];
  change: ObjectChange;
}

export interface ChannelDiff {
  clusterIds: string[];
  /** Those of most clusters first. */
  changes: SharedChange[];
}

/** What `after` changes in a cluster that is as `before` says. Secrets are masked. */
export function diffClusters(before: RenderedCluster, after: RenderedCluster): ClusterDiff {
  const scopes = new KindScopes([...manifestsOf(before), ...manifestsOf(after)]);
  const [oldObjects, newObjects] = [objectsOf(before, scopes), objectsOf(after, scopes)];
  const mask = new SecretMask([...before.secrets, ...after.secrets]);
  const changes: ObjectChange[] = [];
  for (const [key, { object, file, ref }] of newObjects) {
    const old = oldObjects.get(key);
    if (old === undefined) {
      changes.push({ change: 'added', ref, file });
      continue;
    }
    const fields =
      old.object === object ? [] : mask.mask(ref.kind, diffFields(...comparableObjects(old.object, object)));
    if (fields.length > 0) changes.push({ change: 'changed', ref, file, fields });
  }
  for (const [key, { file, ref }] of oldObjects) {
    if (!newObjects.has(key)) changes.push({ change: 'removed', ref, file });
  }
  return { clusterId: after.clusterId, changes };
}

/** The same change in many clusters said once. */
export function shareChanges(diffs: readonly ClusterDiff[]): ChannelDiff {
  const shared = new Map<string, SharedChange>();
  for (const { clusterId, changes } of diffs) {
    for (const change of changes) {
      const key = JSON.stringify(change);
      const known = shared.get(key) ?? { clusterIds: [], change };
      known.clusterIds.push(clusterId);
      shared.set(key, known);
    }
  }
  const changes = [...shared.values()].sort((a, b) => b.clusterIds.length - a.clusterIds.length);
  return { clusterIds: diffs.map((diff) => diff.clusterId), changes };
}

interface KnownObject {
  ref: ObjectRef;
  file: string;
  object: KubernetesObject;
}

function manifestsOf({ components, karpenterPools }: RenderedCluster): Manifest[] {
  return [...components, ...karpenterPools].flatMap(({ manifests }) => manifests);
}

/** By the place that each has in the cluster. */
function objectsOf(rendered: RenderedCluster, scopes: KindScopes): Map<string, KnownObject> {
  const known = [...manifestsOf(rendered), ...rendered.stacks.map(stackAsManifest)];
  return new Map(
    known.map(({ object, file }) => [
      scopes.keyOf(object),
      { ref: refOf(object), file, object: desiredObject(object).object },
    ]),
  );
}

/** A stack is shown by its lines, which is what people change. */
function stackAsManifest(stack: RenderedStack): Pick<Manifest, 'object' | 'file'> {
  const { name, file, tags } = stack;
  const lines = textOf(stack.shown ?? stack.template).split('\n');
  const type = { apiVersion: 'cloudformation.amazonaws.com/2010-09-09', kind: 'Stack' };
  return { file, object: { ...type, metadata: { name }, tags, lines } };
}
