import type { HookEvent } from '../../domain/hook.ts';
import type { Json } from '../../domain/json.ts';
import { type Manifest, refOf } from '../../domain/manifest.ts';
import type { Applying } from './apply-objects.ts';
import { stageOf } from './apply-order.ts';
import type { ChangeSet, Located } from './change-set.ts';
import { digestOf } from './definition-digest.ts';
import { API_CONCURRENCY, mapBounded } from './map-bounded.ts';
import { refKey } from './ref-key.ts';

/** Before the rest of a release, or after it. */
export type HookTime = 'pre' | 'post';

/** A chart's release that has hooks, and what happens to it. */
export interface ReleasePlan {
  name: string;
  /** Of all that it renders to. */
  digest: string;
  /** `none`: it is in the cluster as it is to be. */
  event: 'install' | 'upgrade' | 'none';
  hooks: Located[];
}

/** The releases of a change that have hooks, in the order in which they first come. */
export async function planReleases(applying: Applying, change: ChangeSet): Promise<ReleasePlan[]> {
  const { located, unserved } = change;
  const names = new Set(located.flatMap(({ manifest }) => (manifest.hook ? (manifest.release ?? []) : [])));
  return mapBounded([...names], API_CONCURRENCY, async (name) => {
    const members = located.filter(({ manifest }) => manifest.release === name);
    const rendered = [
      ...members.map(({ manifest }) => manifest),
      ...unserved.filter(({ release }) => release === name),
    ];
    const digest = digestOf(rendered.map(definitionOf).sort());
    const event = await eventOf(applying, name, digest, members);
    return { name, digest, event, hooks: members.filter(({ manifest }) => manifest.hook !== undefined) };
  });
}

/** The hooks of one time, the lightest first; of the same weight in Helm's order of kinds, then by name. */
export function dueHooks({ event, hooks }: ReleasePlan, time: HookTime): Located[] {
  if (event === 'none') return [];
  const due: HookEvent = `${time}-${event}`;
  return hooks
    .filter(({ manifest }) => manifest.hook?.events.includes(due))
    .sort(
      (a, b) =>
        (a.manifest.hook?.weight ?? 0) - (b.manifest.hook?.weight ?? 0) ||
        kindRank(a) - kindRank(b) ||
        compare(a.place.ref.kind, b.place.ref.kind) ||
        compare(a.place.ref.name, b.place.ref.name),
    );
}

async function eventOf(
  { api, memory, signal }: Applying,
  name: string,
  digest: string,
  members: Located[],
): Promise<ReleasePlan['event']> {
  const known = memory.release(name);
  if (known !== undefined) {
    if (known.digest === digest) return known.finished ? 'none' : known.event;
    return known.finished ? 'upgrade' : known.event;
  }
  // Made before releases were remembered, or taken over from Helm: what is there already is not installed but upgraded.
  const own = members.filter(({ manifest }) => manifest.hook === undefined && stageOf(manifest.object) !== 'ground');
  const live = await mapBounded(own, API_CONCURRENCY, ({ place }) => api.get(place, signal));
  return live.some((object) => object !== undefined) ? 'upgrade' : 'install';
}

function definitionOf({ object, hook }: Manifest): string {
  const value: Json = JSON.parse(JSON.stringify([refKey(refOf(object)), object, hook ?? null]));
  return digestOf(value);
}

/** The order in which Helm installs kinds; others come last. */
const kindOrder = [
  ...['PriorityClass', 'Namespace', 'NetworkPolicy', 'ResourceQuota', 'LimitRange', 'PodDisruptionBudget'],
  ...['ServiceAccount', 'Secret', 'ConfigMap', 'StorageClass', 'PersistentVolume', 'PersistentVolumeClaim'],
  ...['CustomResourceDefinition', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding', 'Service', 'DaemonSet'],
  ...['Pod', 'ReplicationController', 'ReplicaSet', 'Deployment', 'HorizontalPodAutoscaler', 'StatefulSet', 'Job'],
  ...['CronJob', 'IngressClass', 'Ingress', 'APIService'],
];

function kindRank({ place }: Located): number {
  const rank = kindOrder.indexOf(place.ref.kind);
  return rank === -1 ? kindOrder.length : rank;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
