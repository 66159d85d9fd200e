import { describeRef } from '../../domain/manifest.ts';
import type { Refusal } from '../../ports/kube.ts';
import { type Located, refusalByServer } from './change-set.ts';
import { isBeingDeleted, liveObject } from './live-object.ts';
import { API_CONCURRENCY, mapBounded } from './map-bounded.ts';
import type { ObjectApi } from './object-api.ts';
import { isImmutableOnly, isTerminatingNamespace, refusesDryRunsAltogether } from './refusal-words.ts';
import { mayBeReplaced } from './replacement.ts';

export interface Checked {
  refusals: Refusal[];
  waiting: string[];
}

/** What the API server would say to these. */
export async function checkObjects(api: ObjectApi, members: Located[], signal: AbortSignal): Promise<Checked> {
  const result: Checked = { refusals: [], waiting: [] };
  await mapBounded(members, API_CONCURRENCY, async (member) => {
    const { manifest, place } = member;
    const answer = await api.apply(place, manifest.object, 'dry-run', signal);
    if (answer.outcome === 'ok') {
      if (isBeingDeleted(liveObject.parse(answer.body)))
        result.waiting.push(`${describeRef(place.ref)} is still being deleted`);
    } else if (isTerminatingNamespace(answer))
      result.waiting.push(`Namespace ${place.ref.namespace} is still being deleted`);
    else if (!refusesDryRunsAltogether(answer) && !(isImmutableOnly(answer) && mayBeReplaced(manifest)))
      result.refusals.push(refusalByServer(member, answer));
  });
  return result;
}
