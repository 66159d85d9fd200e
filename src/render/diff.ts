import { desiredObject } from '../domain/desired-object.ts';
import { isJsonObject, type Json } from '../domain/json.ts';
import { type Manifest, type ObjectRef, refOf } from '../domain/manifest.ts';
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
  const [oldObjects, newObjects] = [objectsOf(before), objectsOf(after)];
  const mask = new SecretMask([...before.secrets, ...after.secrets]);
  const changes: ObjectChange[] = [];
  for (const [key, { object, file, ref }] of newObjects) {
    const old = oldObjects.get(key);
    if (old === undefined) {
      changes.push({ change: 'added', ref, file });
      continue;
    }
    const fields = old.object === object ? [] : mask.mask(ref.kind, diffFields(old.object, object));
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
  object: Json;
}

function objectsOf(rendered: RenderedCluster): Map<string, KnownObject> {
  const manifests = [...rendered.components, ...rendered.karpenterPools].flatMap((component) => component.manifests);
  const known = [...manifests.map(knownObject), ...rendered.stacks.map(knownStack)];
  return new Map(known.map((object) => [keyOf(object.ref), object]));
}

function keyOf({ apiVersion, kind, namespace, name }: ObjectRef): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return JSON.stringify([group, kind, namespace ?? '', name]);
}

function knownObject({ object, file }: Manifest): KnownObject {
  const { object: sent } = desiredObject(object);
  return { ref: refOf(object), file, object: isJsonObject(sent) ? sent : {} };
}

/** A stack is shown by its lines, which is what people change. */
function knownStack(stack: RenderedStack): KnownObject {
  const { name, file, tags } = stack;
  const template = stack.shown ?? stack.template;
  const ref = { apiVersion: 'cloudformation.amazonaws.com/2010-09-09', kind: 'Stack', name };
  return { ref, file, object: { tags, lines: textOf(template).split('\n') } };
}
