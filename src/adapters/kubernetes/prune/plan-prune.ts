import type { Desired, PrunePlan } from '../../../ports/kube.ts';
import type { InventoryStore } from '../inventory-store.ts';
import { API_CONCURRENCY, mapBounded } from '../map-bounded.ts';
import type { ObjectApi } from '../object-api.ts';
import { handoversOf } from './handovers.ts';
import { MeantObjects } from './meant-objects.ts';
import { PruneCensus } from './prune-census.ts';
import { refusalToPrune } from './refusal-to-prune.ts';

/** What pruning will come to, before anything is changed: all that will be refused, and what passes to other objects. */
export async function planPrune(
  api: ObjectApi,
  inventory: InventoryStore,
  desired: Desired,
  signal: AbortSignal,
): Promise<PrunePlan> {
  const census = await PruneCensus.read(api, inventory, desired, signal);
  const meant = new MeantObjects(api, desired.deletions);
  const looks = await mapBounded(census.doomed, API_CONCURRENCY, async (ref) => {
    const finding = await census.find(ref, signal);
    return { ref, finding, refusals: await refusalToPrune(api, { census, meant }, ref, finding, signal) };
  });
  const refusals = looks.flatMap(({ refusals }) => refusals);
  const leaving = looks.flatMap(({ ref, finding }) => ('live' in finding ? [{ ref, live: finding.live }] : []));
  return { refusals, handovers: handoversOf(leaving, census.wanted) };
}
