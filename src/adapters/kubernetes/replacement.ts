import { isJsonObject } from '../../domain/json.ts';
import { describeRef, type Manifest } from '../../domain/manifest.ts';
import type { Refused } from './api-server.ts';
import { kindAndGroup } from './apply-order.ts';
import { isBeingDeleted, type LiveObject } from './live-object.ts';
import type { ObjectApi, Place } from './object-api.ts';

export const REPLACE_ANNOTATION = 'fairway.dev/replace';

/** What goes with them can't be made anew. */
const holders = new Set([
  'Namespace',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CustomResourceDefinition.apiextensions.k8s.io',
]);

/** Whether the object loses more than itself when it is deleted. */
export function holdsData(type: { apiVersion: string; kind: string }): boolean {
  return holders.has(kindAndGroup(type));
}

/** Whether an object may be deleted and made anew when it can't be changed: a hook, or what says so, in the words of Argo CD and Flux too. */
export function mayBeReplaced({ object, hook }: Manifest): boolean {
  if (holdsData(object)) return false;
  if (hook !== undefined) return true;
  const annotations = isJsonObject(object.metadata.annotations) ? object.metadata.annotations : {};
  const options = String(annotations['argocd.argoproj.io/sync-options'] ?? '').split(',');
  const words = new Set(options.map((option) => option.trim()));
  return (
    annotations[REPLACE_ANNOTATION] === 'allowed' ||
    annotations['kustomize.toolkit.fluxcd.io/force'] === 'enabled' ||
    (words.has('Force=true') && words.has('Replace=true'))
  );
}

export type Removal = { outcome: 'gone' } | { outcome: 'waiting'; reason: string } | Refused;

/** Deletes an object so that another can take its name. Its pods go first: the old and the new shall not run beside each other. */
export async function makeWay(
  api: ObjectApi,
  place: Place,
  live: LiveObject | undefined,
  signal: AbortSignal,
): Promise<Removal> {
  if (live === undefined) return { outcome: 'gone' };
  if (!isBeingDeleted(live)) {
    const options = { uid: live.metadata.uid, propagationPolicy: 'Foreground' };
    const answer = await api.delete(place, options, signal);
    if (answer.outcome === 'refused' && answer.status !== 404) return answer;
  }
  if ((await api.get(place, signal)) === undefined) return { outcome: 'gone' };
  return { outcome: 'waiting', reason: `${describeRef(place.ref)} is being deleted, to be made anew` };
}
