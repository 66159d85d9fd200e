import { describeRef, type ObjectRef } from '../../../domain/manifest.ts';
import type {
  DeleteOutcome,
  DeleteRefusal,
  Desired,
  InventoryObject,
  LeftObject,
  SparedObject,
} from '../../../ports/kube.ts';
import { API_CONCURRENCY, mapBounded } from '../map-bounded.ts';
import type { ObjectApi } from '../object-api.ts';
import { refKey } from '../ref-key.ts';
import { MeantObjects } from './meant-objects.ts';
import type { PruneCensus } from './prune-census.ts';
import { type Fate, pruneOne } from './prune-one.ts';
import { type PruneStage, pruneStageOf } from './prune-order.ts';
import { refusalToPrune } from './refusal-to-prune.ts';

export interface Pruned {
  gone: { ref: ObjectRef }[];
  left: LeftObject[];
  spared: SparedObject[];
  refused: DeleteRefusal[];
}

/** A stage waits until nothing of the one before is left; nothing is begun after a refusal. */
export async function pruneStages(
  api: ObjectApi,
  census: PruneCensus,
  { deletions }: Desired,
  stages: readonly PruneStage[],
  signal: AbortSignal,
): Promise<Pruned> {
  const meant = new MeantObjects(api, deletions);
  const pruned: Pruned = { gone: [], left: [], spared: [], refused: [] };
  for (const stage of stages) {
    const members = census.doomed.filter((ref) => pruneStageOf(ref, census.doomed) === stage).toReversed();
    if (pruned.left.length > 0 || pruned.refused.length > 0) {
      pruned.left.push(...members.map((ref) => ({ ref, reason: 'goes after these' })));
      continue;
    }
    const results = await mapBounded(members, API_CONCURRENCY, async (ref) => {
      const finding = await census.find(ref, signal);
      const refusals = await refusalToPrune(api, { census, meant }, ref, finding, signal);
      return { ref, refusals, fate: refusals.length > 0 ? undefined : await pruneOne(api, finding, signal) };
    });
    for (const { ref, refusals, fate } of results) {
      pruned.refused.push(...refusals);
      if (fate !== undefined) note(pruned, ref, fate);
    }
  }
  return pruned;
}

function note(pruned: Pruned, ref: ObjectRef, fate: Fate): void {
  switch (fate.fate) {
    case 'gone':
      pruned.gone.push({ ref });
      break;
    case 'spared':
      pruned.spared.push({ ref, reason: fate.reason });
      break;
    case 'left':
      pruned.left.push({ ref, reason: fate.reason });
      break;
    case 'refused':
      pruned.refused.push({ ref, message: `${describeRef(ref)}: ${fate.message}` });
  }
}

/** What the inventory has to hold on to. */
export function remaining(doomed: readonly InventoryObject[], done: { ref: ObjectRef }[]): InventoryObject[] {
  const keys = new Set(done.map(({ ref }) => refKey(ref)));
  return doomed.filter((entry) => !keys.has(refKey(entry)));
}

export function outcomeOf({ gone, left, spared: those, refused }: Pruned): DeleteOutcome {
  const spared = those.length === 0 ? {} : { spared: those };
  if (refused.length > 0) return { outcome: 'refused', refusals: refused, ...spared };
  const objects = gone.map(({ ref }) => ref);
  if (left.length > 0) return { outcome: 'waiting', left, objects, ...spared };
  return { outcome: 'deleted', objects, ...spared };
}
