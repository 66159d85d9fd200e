import type { Applying } from './apply-objects.ts';
import type { Located } from './change-set.ts';
import { definitionDigest, runsToEnd } from './definition-digest.ts';
import { runEnd } from './health/run-end.ts';
import { API_CONCURRENCY, mapBounded } from './map-bounded.ts';
import { refKey } from './ref-key.ts';

/**
 * Those of the Jobs and Pods, hooks aside, that were made before with the same definition and are gone, so that they are not made again: they
 * completed, or it was this very apply that made them, and what became of them is for the health check to tell.
 */
export async function finishedRuns(
  { api, memory, options, signal }: Applying,
  located: Located[],
): Promise<ReadonlySet<Located>> {
  const finished = new Set<Located>();
  await mapBounded(located, API_CONCURRENCY, async (one) => {
    const { manifest, place } = one;
    const record =
      manifest.hook === undefined && runsToEnd(manifest.object) ? memory.run(refKey(place.ref)) : undefined;
    if (record === undefined || record.definition !== definitionDigest(manifest.object)) return;
    if ((await api.get(place, signal)) !== undefined) return;
    const { end } = await runEnd(api, memory, record, place, undefined, signal);
    if (end === 'completed' || record.attempt === options.attempt) finished.add(one);
  });
  return finished;
}
