import { describeRef } from '../../../domain/manifest.ts';
import type { DeleteOutcome, DeleteRefusal, Desired } from '../../../ports/kube.ts';
import type { InventoryStore } from '../inventory-store.ts';
import { API_CONCURRENCY, mapBounded } from '../map-bounded.ts';
import type { ObjectApi } from '../object-api.ts';
import { refusesDryRunsAltogether } from '../refusal-words.ts';
import { PruneCensus } from './prune-census.ts';
import { outcomeOf, pruneStages, remaining } from './prune-stages.ts';

/**
 * Prunes the first stage alone, and finds out what the API server will say to the deletion of the rest. What is spared is told,
 * and forgotten, by `prune`.
 */
export async function pruneGuards(
  api: ObjectApi,
  inventory: InventoryStore,
  desired: Desired,
  signal: AbortSignal,
): Promise<DeleteOutcome> {
  const census = await PruneCensus.read(api, inventory, desired, signal);
  const pruned = await pruneStages(api, census, desired, ['guards'], signal);
  if (pruned.gone.length > 0) {
    const objects = [...census.wanted.map(({ ref }) => ref), ...remaining(census.doomed, pruned.gone)];
    await inventory.write({ revision: desired.revision, objects }, signal);
  }
  const { spared: _, ...outcome } = outcomeOf(pruned);
  // The API server asks a webhook that has just gone for a moment longer: what it refuses now says nothing.
  if (pruned.gone.length > 0 || outcome.outcome !== 'deleted') return outcome;
  const refusals = await tryDeletions(api, census, signal);
  return refusals.length > 0 ? { outcome: 'refused', refusals } : outcome;
}

async function tryDeletions(api: ObjectApi, census: PruneCensus, signal: AbortSignal): Promise<DeleteRefusal[]> {
  const refusals = await mapBounded(census.doomed, API_CONCURRENCY, async (ref) => {
    const finding = await census.find(ref, signal);
    if (finding.state !== 'there') return [];
    const { place, live } = finding;
    const answer = await api.delete(place, { uid: live.metadata.uid, mode: 'dry-run' }, signal);
    if (answer.outcome === 'ok' || answer.status === 404 || answer.status === 409) return [];
    return refusesDryRunsAltogether(answer) ? [] : [{ ref, message: `${describeRef(ref)}: ${answer.message}` }];
  });
  return refusals.flat();
}
