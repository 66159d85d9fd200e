import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../../domain/manifest.ts';
import type { AppliedObject, ApplyOptions, Refusal } from '../../ports/kube.ts';
import type { Answer } from './api-server.ts';
import { leavingReplicas } from './autoscaled.ts';
import { type Located, refusalByServer } from './change-set.ts';
import type { Recollection } from './cluster-memory.ts';
import { definitionDigest, runsToEnd } from './definition-digest.ts';
import { type LiveObject, liveObject } from './live-object.ts';
import { API_CONCURRENCY, mapBounded } from './map-bounded.ts';
import type { ObjectApi } from './object-api.ts';
import { refKey } from './ref-key.ts';
import { isImmutableOnly, isTerminatingNamespace } from './refusal-words.ts';
import { makeWay, mayBeReplaced } from './replacement.ts';
import { takeOverStringData } from './string-data.ts';

/** All that an apply knows of the cluster and itself. */
export interface Applying {
  api: ObjectApi;
  memory: Recollection;
  options: ApplyOptions;
  /** Workloads whose replicas an autoscaler of the same change sets, by `refKey`. */
  autoscaled: ReadonlySet<string>;
  signal: AbortSignal;
}

export interface Applied {
  objects: AppliedObject[];
  refusals: Refusal[];
  waiting: string[];
}

export async function applyObjects(applying: Applying, members: Located[]): Promise<Applied> {
  const all: Applied = { objects: [], refusals: [], waiting: [] };
  const results = await mapBounded(members, API_CONCURRENCY, (member) => applyObject(applying, member));
  for (const one of results) {
    if ('change' in one) all.objects.push(one);
    else if ('waiting' in one) all.waiting.push(one.waiting);
    else all.refusals.push(one);
  }
  return all;
}

async function applyObject(
  applying: Applying,
  member: Located,
): Promise<AppliedObject | Refusal | { waiting: string }> {
  const { api, signal } = applying;
  const { place } = member;
  const before = await api.get(place, signal);
  const answer = await sendObject(applying, member, before);
  if (answer.outcome === 'waiting') return { waiting: answer.reason };
  if (answer.outcome === 'refused') {
    if (isTerminatingNamespace(answer)) return { waiting: `Namespace ${place.ref.namespace} is still being deleted` };
    return refusalByServer(member, answer);
  }
  const after = liveObject.parse(answer.body);
  await rememberRun(applying, member, after);
  const same = before !== undefined && isSame(before, after);
  return { ref: place.ref, change: answer.status === 201 ? 'created' : same ? 'unchanged' : 'configured' };
}

/**
 * The resourceVersion alone doesn't tell: a controller may have written `status` in between, and the first apply after someone else's
 * puts the entries of `managedFields` into another order.
 */
function isSame(before: LiveObject, after: LiveObject): boolean {
  return isDeepStrictEqual(comparable(before), comparable(after));
}

function comparable({ status: _, metadata, ...fields }: LiveObject) {
  const { resourceVersion: _version, managedFields: _managers, ...rest } = metadata;
  return { ...fields, metadata: rest };
}

/** Applies it; what can't be changed is made anew where that is allowed. */
export async function sendObject(
  { api, autoscaled, signal }: Applying,
  { manifest, place }: Located,
  before: LiveObject | undefined,
): Promise<Answer | { outcome: 'waiting'; reason: string }> {
  const send = (object: KubernetesObject) => api.apply(place, object, 'persist', signal);
  if (before !== undefined) await takeOverStringData(api, place, manifest.object, before, signal);
  const scaled = before !== undefined && autoscaled.has(refKey(place.ref));
  const answer = await send(
    scaled ? await leavingReplicas(api, place, manifest.object, before, signal) : manifest.object,
  );
  if (answer.outcome === 'ok' || !isImmutableOnly(answer) || !mayBeReplaced(manifest)) return answer;
  const way = await makeWay(api, place, await api.get(place, signal), signal);
  return way.outcome === 'gone' ? send(manifest.object) : way;
}

/** So that it is known when it is gone. */
async function rememberRun({ memory, options, signal }: Applying, member: Located, live: LiveObject): Promise<void> {
  if (!runsToEnd(member.manifest.object)) return;
  const of = refKey(member.place.ref);
  const definition = definitionDigest(member.manifest.object);
  const known = memory.run(of);
  const { uid } = live.metadata;
  if (known?.uid === uid && known.definition === definition) return;
  const is = { definition, uid, attempt: options.attempt, occasion: '', reason: '' };
  await memory.write({ what: 'run', of, is }, signal);
}
