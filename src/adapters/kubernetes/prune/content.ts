import { z } from 'zod';
import { describeRef } from '../../../domain/manifest.ts';
import { unavailableApis } from '../api-services.ts';
import { kindAndGroup } from '../apply-order.ts';
import type { ServedResource } from '../discovery.ts';
import { isBeingDeleted, type LiveObject } from '../live-object.ts';
import { API_CONCURRENCY, mapBounded } from '../map-bounded.ts';
import type { ObjectApi } from '../object-api.ts';
import type { MeantObjects } from './meant-objects.ts';
import { type PruneCensus, refOfLive } from './prune-census.ts';
import { groupOfApiService } from './prune-order.ts';

/** How many objects are named; of others only the number is told. */
const NAMED = 5;

/** Kinds of objects that come and go by themselves, or with others. */
const PASSING_KINDS = new Set([
  'Event',
  'Event.events.k8s.io',
  'Endpoints',
  'EndpointSlice.discovery.k8s.io',
  'Lease.coordination.k8s.io',
]);

/** What controllers put into every namespace: Kubernetes' own, and those of Istio and OpenShift. */
const IN_EVERY_NAMESPACE = new Set([
  'ServiceAccount default',
  'ConfigMap kube-root-ca.crt',
  'ConfigMap istio-ca-root-cert',
  'ConfigMap openshift-service-ca.crt',
  'ServiceAccount builder',
  'ServiceAccount deployer',
]);

/** They measure, and hold no objects. */
const METRICS_GROUPS = new Set(['metrics.k8s.io', 'custom.metrics.k8s.io', 'external.metrics.k8s.io']);

const TOKEN_OF = 'kubernetes.io/service-account.name';

const crdSpec = z.object({ spec: z.object({ group: z.string(), names: z.object({ plural: z.string() }) }) });
const claimFields = z.object({
  spec: z.object({ volumeName: z.string().optional() }).prefault({}),
  status: z.object({ phase: z.string().optional(), capacity: z.record(z.string(), z.string()).nullish() }).prefault({}),
});
const volumeFields = z.object({
  spec: z.object({ claimRef: z.object({ namespace: z.string(), name: z.string() }).nullish() }).prefault({}),
});

/** What goes anyway. */
export interface Going {
  census: PruneCensus;
  meant: MeantObjects;
}

/** What would be lost with an object and isn't Fairway's to delete, as half a sentence; undefined when nothing would. */
export async function contentOf(
  api: ObjectApi,
  going: Going,
  live: LiveObject,
  signal: AbortSignal,
): Promise<string | undefined> {
  switch (kindAndGroup(live)) {
    case 'Namespace':
      return contentOfNamespace(api, going, live.metadata.name, signal);
    case 'CustomResourceDefinition.apiextensions.k8s.io':
      return contentOfDefinition(api, going, live, signal);
    case 'PersistentVolumeClaim':
      return contentOfClaim(live);
    case 'PersistentVolume':
      return contentOfVolume(live);
    default:
      return undefined;
  }
}

async function contentOfNamespace(
  api: ObjectApi,
  going: Going,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const leavingApis = new Set(going.census.doomed.flatMap((entry) => groupOfApiService(entry) ?? []));
  const unavailable = (await unavailableApis(api, signal)).filter(({ group }) => !METRICS_GROUPS.has(group));
  const unknown = unavailable.find(({ group }) => !leavingApis.has(group));
  if (unknown !== undefined) return `what is in it can't be told: ${unknown.sentence}`;
  const silent = new Set([...unavailable.map(({ group }) => group), ...METRICS_GROUPS]);
  const kinds = oncePerKind(await api.discovery.resources(signal)).filter(
    (resource) => resource.namespaced && canHoldObjects(resource) && !silent.has(resource.group),
  );
  const found = await mapBounded(kinds, API_CONCURRENCY, (kind) => api.listMetadata(kind, name, signal));
  const others = await othersOf(found.flat(), going, signal);
  return itemized(others, (count) =>
    count === 1 ? "1 object in it isn't Fairway's to delete" : `${count} objects in it aren't Fairway's to delete`,
  );
}

async function contentOfDefinition(
  api: ObjectApi,
  going: Going,
  live: LiveObject,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { group, names } = crdSpec.parse(live).spec;
  const resources = await api.discovery.resources(signal);
  const resource = resources.find((known) => known.group === group && known.plural === names.plural);
  if (resource === undefined) return undefined;
  const others = await othersOf(await api.listMetadata(resource, undefined, signal), going, signal);
  return itemized(others, (count) =>
    count === 1
      ? "1 object of its kind isn't Fairway's to delete"
      : `${count} objects of its kind aren't Fairway's to delete`,
  );
}

function contentOfClaim(live: LiveObject): string | undefined {
  const { spec, status } = claimFields.parse(live);
  if (status.phase !== 'Bound') return undefined;
  const size = status.capacity?.storage;
  return `it holds data, in PersistentVolume ${spec.volumeName}${size === undefined ? '' : ` of ${size}`}`;
}

function contentOfVolume(live: LiveObject): string | undefined {
  const claim = volumeFields.parse(live).spec.claimRef;
  return claim == null ? undefined : `it holds data of PersistentVolumeClaim ${claim.namespace}/${claim.name}`;
}

async function othersOf(objects: LiveObject[], { census, meant }: Going, signal: AbortSignal): Promise<LiveObject[]> {
  const candidates = objects.filter((object) => counts(object) && !census.takes(object));
  const named = await Promise.all(candidates.map((object) => meant.include(object, signal)));
  return candidates.filter((_, index) => !named[index]);
}

/** What has an owner is its owner's: that one counts, or whoever made it makes such a thing anew. */
function counts(object: LiveObject): boolean {
  const { name, annotations, ownerReferences } = object.metadata;
  if (isBeingDeleted(object) || ownerReferences.length > 0 || TOKEN_OF in annotations) return false;
  const kind = kindAndGroup(object);
  return !PASSING_KINDS.has(kind) && !IN_EVERY_NAMESPACE.has(`${kind} ${name}`);
}

function canHoldObjects({ verbs }: ServedResource): boolean {
  return verbs.includes('list') && verbs.includes('delete');
}

/** Versions of a kind show the same objects. */
function oncePerKind(resources: ServedResource[]): ServedResource[] {
  return [
    ...new Map(resources.toReversed().map((resource) => [`${resource.plural}.${resource.group}`, resource])).values(),
  ];
}

function itemized(objects: LiveObject[], heading: (count: number) => string): string | undefined {
  if (objects.length === 0) return undefined;
  const names = objects.slice(0, NAMED).map((object) => describeRef(refOfLive(object)));
  const more = objects.length > NAMED ? ` and ${objects.length - NAMED} more` : '';
  return `${heading(objects.length)}: ${names.join(', ')}${more}`;
}
