import { z } from 'zod';
import { describeRef, type Manifest } from '../../domain/manifest.ts';
import type { AppliedObject, ApplyOutcome, Refusal } from '../../ports/kube.ts';
import type { Answer } from './api-server.ts';
import { APPLY_STAGES, kindAndGroup, stageOf } from './apply-order.ts';
import { type Located, readChangeSet, refusal } from './change-set.ts';
import { isBeingDeleted, liveObject } from './live-object.ts';
import { API_CONCURRENCY, mapBounded } from './map-bounded.ts';
import { isNamespace, type NamespaceState, namespaceStates } from './namespace-states.ts';
import type { ObjectApi } from './object-api.ts';
import { groundNotSettled } from './settle.ts';

/**
 * Server-side apply in stages, nothing of it before all has been checked as far as it can be:
 *
 * 1. Everything is sent as a dry run, but for objects in a Namespace that this change creates and objects of a kind whose
 *    CRD is in this change: the API server could only answer for the world before the change. Bare Pods whose
 *    ServiceAccount or PriorityClass comes along can't be tried before those exist, and are only checked by being applied.
 * 2. No refusal: Namespaces and CRDs are applied. `waiting` until they are in force.
 * 3. What step 1 left out is sent as a dry run. A refusal here leaves the Namespaces and CRDs behind, nothing else.
 * 4. The rest is applied, stage by stage.
 *
 * Called again after `waiting` or a crash it does the same once more, and finds most of it unchanged.
 */
export async function applyManifests(
  api: ObjectApi,
  manifests: Manifest[],
  signal: AbortSignal,
): Promise<ApplyOutcome> {
  const change = await readChangeSet(api, manifests, signal);
  const namespaces = await namespaceStates(api, change.located, signal);
  const [ground, rest] = partition(change.located, ({ manifest }) => stageOf(manifest.object) === 'ground');
  const [later, now] = partition(rest, (one) => hangsOnGround(one, ground, namespaces, change.introducedKinds));
  const checkable = (members: Located[]) => members.filter((one) => !isUncheckablePod(one, rest));
  const early = await check(api, [...ground, ...checkable(now)], signal);
  const leaving = [...namespaces].filter(([, state]) => state === 'terminating');
  const stopped = verdict(
    [...change.refusals, ...early.refusals],
    [...leaving.map(([name]) => `Namespace ${name} is still being deleted`), ...early.waiting],
  );
  if (stopped !== undefined) return stopped;

  const applied = await applyAll(api, ground, signal);
  const settled = verdict(applied.refusals, applied.waiting) ?? (await groundNotSettled(api, change, signal));
  if (settled !== undefined) return settled;

  const checkedLater = await check(api, checkable(later), signal);
  const refusedLater = verdict(checkedLater.refusals, checkedLater.waiting);
  if (refusedLater !== undefined) return refusedLater;

  const objects = applied.objects;
  for (const stage of APPLY_STAGES) {
    const members = rest.filter(({ manifest }) => stageOf(manifest.object) === stage);
    const result = await applyAll(api, members, signal);
    const end = verdict(result.refusals, result.waiting);
    if (end !== undefined) return end;
    objects.push(...result.objects);
  }
  return { outcome: 'applied', objects };
}

interface Checked {
  refusals: Refusal[];
  waiting: string[];
}

async function check(api: ObjectApi, members: Located[], signal: AbortSignal): Promise<Checked> {
  const result: Checked = { refusals: [], waiting: [] };
  await mapBounded(members, API_CONCURRENCY, async ({ manifest, place }) => {
    const answer = await api.apply(place, manifest.object, 'dry-run', signal);
    if (answer.outcome === 'refused') {
      if (isTerminatingNamespace(answer))
        result.waiting.push(`Namespace ${place.ref.namespace} is still being deleted`);
      else if (!refusesDryRunsAltogether(answer)) result.refusals.push(refusal(manifest, answer.message, place.ref));
    } else if (isBeingDeleted(liveObject.parse(answer.body))) {
      result.waiting.push(`${describeRef(place.ref)} is still being deleted`);
    }
  });
  return result;
}

interface Applied {
  objects: AppliedObject[];
  refusals: Refusal[];
  waiting: string[];
}

async function applyAll(api: ObjectApi, members: Located[], signal: AbortSignal): Promise<Applied> {
  const refusals: Refusal[] = [];
  const waiting: string[] = [];
  const objects = await mapBounded(members, API_CONCURRENCY, async ({ manifest, place }) => {
    const before = await api.get(place, signal);
    const answer = await api.apply(place, manifest.object, 'persist', signal);
    if (answer.outcome === 'ok') {
      const { resourceVersion } = liveObject.parse(answer.body).metadata;
      const same = before?.metadata.resourceVersion === resourceVersion;
      const change = answer.status === 201 ? 'created' : same ? 'unchanged' : 'configured';
      return [{ ref: place.ref, change } satisfies AppliedObject];
    }
    if (isTerminatingNamespace(answer)) waiting.push(`Namespace ${place.ref.namespace} is still being deleted`);
    else refusals.push(refusal(manifest, answer.message, place.ref));
    return [];
  });
  return { objects: objects.flat(), refusals, waiting };
}

function verdict(refusals: Refusal[], waiting: string[]): ApplyOutcome | undefined {
  if (refusals.length > 0) return { outcome: 'refused', refusals: refusals.toSorted(byPlaceInSource) };
  if (waiting.length > 0) return { outcome: 'waiting', reason: [...new Set(waiting)].join('; ') };
  return undefined;
}

function byPlaceInSource(a: Refusal, b: Refusal): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line;
}

/** Pods also wait for a Namespace that exists: it may lack its service account yet. */
function hangsOnGround(
  { place }: Located,
  ground: Located[],
  namespaces: Map<string, NamespaceState>,
  introducedKinds: Set<string>,
): boolean {
  const type = kindAndGroup(place.ref);
  if (introducedKinds.has(type)) return true;
  const { namespace } = place.ref;
  const defined = ground.some(({ place: { ref } }) => isNamespace(ref) && ref.name === namespace);
  return defined && (type === 'Pod' || namespaces.get(namespace ?? '') === 'missing');
}

function partition<T>(items: T[], belongs: (item: T) => boolean): [T[], T[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}

const podSpec = z.object({
  spec: z.object({ serviceAccountName: z.string().optional(), priorityClassName: z.string().optional() }),
});

function isUncheckablePod({ manifest, place }: Located, change: Located[]): boolean {
  if (kindAndGroup(place.ref) !== 'Pod') return false;
  const pod = podSpec.safeParse(manifest.object);
  if (!pod.success) return false;
  const { serviceAccountName, priorityClassName } = pod.data.spec;
  return change.some(({ place: { ref } }) =>
    ref.kind === 'ServiceAccount'
      ? ref.name === serviceAccountName && ref.namespace === place.ref.namespace
      : ref.kind === 'PriorityClass' && ref.name === priorityClassName,
  );
}

type Refused = Extract<Answer, { outcome: 'refused' }>;

function isTerminatingNamespace(answer: Refused): boolean {
  return answer.causes.includes('NamespaceTerminating');
}

/** A webhook with side effects makes the API server refuse every dry run of its kinds; that says nothing of the object. */
function refusesDryRunsAltogether(answer: Refused): boolean {
  return answer.status === 400 && answer.message.includes('does not support dry run');
}
