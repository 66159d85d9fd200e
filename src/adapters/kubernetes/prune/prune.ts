import type { DeleteOutcome, Desired } from '../../../ports/kube.ts';
import type { InventoryStore } from '../inventory-store.ts';
import type { ObjectApi } from '../object-api.ts';
import { PruneCensus } from './prune-census.ts';
import { PRUNE_STAGES } from './prune-order.ts';
import { outcomeOf, pruneStages, remaining } from './prune-stages.ts';

/**
 * Deletes what the inventory holds and `desired` does not, stage by stage. A stage waits until nothing of the one before
 * is left, so that a CRD outlives its objects' finalizers.
 */
export async function prune(
  api: ObjectApi,
  inventory: InventoryStore,
  desired: Desired,
  signal: AbortSignal,
): Promise<DeleteOutcome> {
  const census = await PruneCensus.read(api, inventory, desired, signal);
  const pruned = await pruneStages(api, census, desired, PRUNE_STAGES, signal);
  const objects = [
    ...census.wanted.map(({ ref }) => ref),
    ...remaining(census.doomed, [...pruned.gone, ...pruned.spared]),
  ];
  await inventory.write({ revision: desired.revision, objects }, signal);
  return outcomeOf(pruned);
}
