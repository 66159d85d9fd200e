import { describeRef, type ObjectRef } from '../../domain/manifest.ts';
import type { DeleteOutcome, SparedObject } from '../../ports/kube.ts';
import { APPLY_STAGES, stageOf } from './apply-order.ts';
import type { InventoryStore } from './inventory-store.ts';
import { isBeingDeleted, type LiveObject } from './live-object.ts';
import { API_CONCURRENCY, mapBounded } from './map-bounded.ts';
import { FIELD_MANAGER, type ObjectApi } from './object-api.ts';
import { normalizeRefs, refKey } from './ref-key.ts';

export const PRUNE_ANNOTATION = 'fairway.dev/prune';

type Fate =
  | { fate: 'gone' }
  | { fate: 'spared'; reason: string }
  | { fate: 'left' }
  | { fate: 'refused'; message: string };

/**
 * Deletes what the inventory holds and `keep` does not, in the reverse order of applying. A stage waits until nothing of
 * the one before is left, so that a CRD outlives its objects' finalizers.
 */
export async function prune(
  api: ObjectApi,
  inventory: InventoryStore,
  keep: ObjectRef[],
  revision: string,
  signal: AbortSignal,
): Promise<DeleteOutcome> {
  const known = (await inventory.read(signal))?.objects ?? [];
  const kept = await normalizeRefs(api, keep, signal);
  const keptKeys = new Set(kept.map(refKey));
  const doomed = (await normalizeRefs(api, known, signal)).filter((ref) => !keptKeys.has(refKey(ref)));

  const result = await pruneInStages(api, doomed, signal);
  const remaining = [...result.left, ...result.refused.map(({ ref }) => ref)];
  await inventory.write({ revision, objects: [...kept, ...remaining] }, signal);

  const spared = result.spared.length === 0 ? {} : { spared: result.spared };
  if (result.refused.length > 0) {
    const sentences = result.refused.map(({ ref, message }) => `${describeRef(ref)}: ${message}`);
    return { outcome: 'refused', message: sentences.join('\n'), ...spared };
  }
  if (result.left.length > 0) return { outcome: 'waiting', left: result.left, ...spared };
  return { outcome: 'deleted', objects: result.gone, ...spared };
}

interface Pruned {
  gone: ObjectRef[];
  left: ObjectRef[];
  spared: SparedObject[];
  refused: { ref: ObjectRef; message: string }[];
}

async function pruneInStages(api: ObjectApi, doomed: ObjectRef[], signal: AbortSignal): Promise<Pruned> {
  const result: Pruned = { gone: [], left: [], spared: [], refused: [] };
  for (const stage of APPLY_STAGES.toReversed()) {
    const members = doomed.filter((ref) => stageOf(ref) === stage).toReversed();
    if (result.left.length > 0 || result.refused.length > 0) {
      result.left.push(...members);
      continue;
    }
    const fates = await mapBounded(members, API_CONCURRENCY, async (ref) => ({
      ref,
      ...(await pruneOne(api, ref, signal)),
    }));
    for (const one of fates) {
      const { ref } = one;
      if (one.fate === 'gone') result.gone.push(ref);
      else if (one.fate === 'left') result.left.push(ref);
      else if (one.fate === 'spared') result.spared.push({ ref, reason: one.reason });
      else result.refused.push({ ref, message: one.message });
    }
  }
  return result;
}

async function pruneOne(api: ObjectApi, ref: ObjectRef, signal: AbortSignal): Promise<Fate> {
  const place = await api.locate(ref, signal);
  if (place === undefined) {
    // Its kind went with its CRD, and every object with it; or the API that serves it is only down.
    return (await api.discovery.isStale(ref.apiVersion, signal)) ? { fate: 'left' } : { fate: 'gone' };
  }
  const live = await api.get(place, signal);
  if (live === undefined) return { fate: 'gone' };
  const reason = reasonToSpare(live);
  if (reason !== undefined) return { fate: 'spared', reason };
  if (isBeingDeleted(live)) return { fate: 'left' };
  const answer = await api.delete(place, { uid: live.metadata.uid }, signal);
  if (answer.outcome === 'refused' && answer.status !== 404) return { fate: 'refused', message: answer.message };
  return (await api.get(place, signal)) === undefined ? { fate: 'gone' } : { fate: 'left' };
}

function reasonToSpare({ metadata }: LiveObject): string | undefined {
  if (metadata.annotations[PRUNE_ANNOTATION] === 'never') return `is annotated ${PRUNE_ANNOTATION}: never`;
  const ours = metadata.managedFields.some(
    ({ manager, operation }) => manager === FIELD_MANAGER && operation === 'Apply',
  );
  // The API server notes no manager at all for an object that was applied without any field, such as an empty ConfigMap.
  if (ours || metadata.managedFields.length === 0) return undefined;
  const others = [...new Set(metadata.managedFields.flatMap(({ manager }) => manager ?? []))].join(', ');
  return `was made anew by someone else (${others}), who has to delete it`;
}
