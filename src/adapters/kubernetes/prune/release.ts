import { describeRef } from '../../../domain/manifest.ts';
import type { Handover, Refusal } from '../../../ports/kube.ts';
import { type Located, refusal } from '../change-set.ts';
import { isBeingDeleted } from '../live-object.ts';
import { API_CONCURRENCY, mapBounded } from '../map-bounded.ts';
import type { ObjectApi } from '../object-api.ts';
import { refKey } from '../ref-key.ts';
import { type Fate, pruneOne } from './prune-one.ts';

/** An object of the change as it can be tried while others still hold what passes to it; none when it can't be tried. */
export function asTried(one: Located, handovers: Handover[]): Located[] {
  const key = refKey(one.place.ref);
  const handover = handovers.find(({ to }) => refKey(to) === key);
  if (handover === undefined) return [one];
  return handover.trial === undefined ? [] : [{ ...one, manifest: { ...one.manifest, object: handover.trial } }];
}

/** Deletes what holds something that passes to an object of the change. */
export async function release(
  api: ObjectApi,
  change: Located[],
  handovers: Handover[],
  signal: AbortSignal,
): Promise<{ refusals: Refusal[]; waiting: string[] }> {
  const refusals: Refusal[] = [];
  const waiting: string[] = [];
  await mapBounded(handovers, API_CONCURRENCY, async ({ from, to }) => {
    const fate = await releaseOne(api, from, signal);
    if (fate.fate === 'left') waiting.push(`${describeRef(to)} takes over from ${describeRef(from)}: ${fate.reason}`);
    const heir = change.find(({ place }) => refKey(place.ref) === refKey(to));
    if (fate.fate === 'refused' && heir !== undefined) {
      refusals.push(
        refusal(heir.manifest, `takes over from ${describeRef(from)}, which can't be deleted: ${fate.message}`),
      );
    }
  });
  return { refusals, waiting };
}

async function releaseOne(api: ObjectApi, from: Handover['from'], signal: AbortSignal): Promise<Fate> {
  const place = await api.locateServed(from, signal);
  const live = place === undefined ? undefined : await api.get(place, signal);
  if (place === undefined || live === undefined) return { fate: 'gone' };
  return pruneOne(api, { state: isBeingDeleted(live) ? 'leaving' : 'there', place, live }, signal);
}
