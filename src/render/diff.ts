import { desiredObject } from '../domain/desired-object.ts';
import { isJsonObject } from '../domain/json.ts';
import { type KubernetesObject, type Manifest, type ObjectRef, refOf } from '../domain/manifest.ts';
import { SecretMask } from '../domain/secrets/secret-mask.ts';
import { secretsIn } from '../domain/secrets/secrets-in.ts';
import { comparableObjects } from './comparable-objects.ts';
import { KindScopes } from './kind-scopes.ts';
import { maskChanges } from './masked-changes.ts';
import { diffFields, type FieldChange } from './object-diff.ts';
import type { RenderedCluster, RenderedStack } from './rendered-cluster.ts';
import { secretsInTemplate } from './secrets-in-template.ts';
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
  const secrets = [...before.secrets, ...after.secrets];
  const changes: ObjectChange[] = [];
  for (const [key, known] of newObjects) {
    const { object, file, ref } = known;
    const old = oldObjects.get(key);
    if (old === undefined) {
      changes.push({ change: 'added', ref, file });
      continue;
    }
    if (old.object === object) continue;
    const fields = diffFields(...comparableObjects(old.object, object));
    if (fields.length === 0) continue;
    const mask = new SecretMask(secrets, [...old.secrets(), ...known.secrets()]);
    changes.push({ change: 'changed', ref, file, fields: maskChanges(mask, ref.kind, fields) });
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
  /** What in it gives itself away as a secret. */
  secrets(): Iterable<string>;
}

function manifestsOf({ components, karpenterPools }: RenderedCluster): Manifest[] {
  return [...components, ...karpenterPools].flatMap(({ manifests }) => manifests);
}

/** By the place that each has in the cluster. */
function objectsOf(rendered: RenderedCluster, scopes: KindScopes): Map<string, KnownObject> {
  const known = [...manifestsOf(rendered).map(knownObject), ...rendered.stacks.map(knownStack)];
  return new Map(known.map((one) => [scopes.keyOf(one.object), one]));
}

function knownObject({ object, file }: Manifest): KnownObject {
  const { object: sent } = desiredObject(object);
  return { ref: refOf(object), file, object: sent, secrets: () => (isJsonObject(sent) ? secretsIn(sent) : []) };
}

/** A stack is shown by its lines, which is what people change. */
function knownStack(stack: RenderedStack): KnownObject {
  const { name, file, tags } = stack;
  const text = textOf(stack.shown ?? stack.template);
  const type = { apiVersion: 'cloudformation.amazonaws.com/2010-09-09', kind: 'Stack' };
  const object = { ...type, metadata: { name }, tags, lines: text.split('\n') };
  return { ref: refOf(object), file, object, secrets: () => secretsInTemplate(text) };
}
