import { FairwayError } from '../../domain/errors.ts';
import { type Deletion, describeRef, type ObjectRef } from '../../domain/manifest.ts';
import type { DeleteOutcome, LeftObject } from '../../ports/kube.ts';
import { deletionMatches, resourceFor } from './deletion-matches.ts';
import { isBeingDeleted, type LiveObject } from './live-object.ts';
import { type ObjectApi, placeOf } from './object-api.ts';
import { refKey } from './ref-key.ts';
import { whyLeft } from './why-left.ts';

/**
 * The entries of a `deletions.yaml`, one after another. What has an owner is not waited for: its owner may make it anew,
 * as a Deployment does with a Pod that was deleted to restart it.
 */
export async function deleteAll(
  api: ObjectApi,
  deletions: Deletion[],
  signal: AbortSignal,
  isMeant: (object: LiveObject) => boolean = () => true,
): Promise<DeleteOutcome> {
  for (const deletion of deletions) mustBeClear(deletion);
  // A CRD may have come since the kinds were read.
  api.discovery.refresh();
  const objects: ObjectRef[] = [];
  const left: LeftObject[] = [];
  for (const deletion of deletions) {
    for (const { place, object } of await deletionMatches(api, deletion, signal)) {
      if (!isMeant(object)) continue;
      const { ref } = place;
      const answer = hasOnlyToEnd(object, deletion) ? undefined : await api.delete(place, optionsOf(deletion), signal);
      if (answer?.outcome === 'refused' && answer.status !== 404) {
        return { outcome: 'refused', refusals: [{ ref, message: `${describeRef(ref)}: ${answer.message}` }] };
      }
      const owned = object.metadata.ownerReferences.length > 0;
      const after = owned ? undefined : await api.get(place, signal);
      if (after?.metadata.uid === object.metadata.uid) left.push({ ref, reason: await whyLeft(api, after, signal) });
      else objects.push(ref);
    }
  }
  return left.length > 0 ? { outcome: 'waiting', left, objects } : { outcome: 'deleted', objects };
}

/** What a list of deletions means at this moment. */
export interface MeantByDeletions {
  /** Of what is there. */
  uids: string[];
  /** Of what is named, whether it is there or not, by `refKey`. */
  named: string[];
}

export async function meantByDeletions(
  api: ObjectApi,
  deletions: Deletion[],
  signal: AbortSignal,
): Promise<MeantByDeletions> {
  for (const deletion of deletions) mustBeClear(deletion);
  api.discovery.refresh();
  const uids = new Set<string>();
  const named = new Set<string>();
  for (const deletion of deletions) {
    const resource = await resourceFor(api, deletion.kind, signal);
    if (resource === undefined) continue;
    for (const { object } of await deletionMatches(api, deletion, signal)) uids.add(object.metadata.uid);
    const { name, namespace } = deletion;
    const scope = namespace === undefined ? {} : { namespace };
    if (name !== undefined)
      named.add(refKey(placeOf(resource, { apiVersion: '', kind: resource.kind, ...scope, name }).ref));
  }
  return { uids: [...uids], named: [...named] };
}

/** The API server answers 409 to whoever deletes a Namespace once more. A shorter grace can still be asked for. */
function hasOnlyToEnd(object: LiveObject, { gracePeriodSeconds }: Deletion): boolean {
  return isBeingDeleted(object) && gracePeriodSeconds === undefined;
}

function mustBeClear({ kind, name, selector, labels, hasOwner }: Deletion): void {
  const given = [name, selector, labels && Object.keys(labels).length > 0 ? labels : undefined];
  const count = given.filter((value) => value !== undefined && value !== '').length;
  if (count !== 1) {
    const which = count === 0 ? 'has none of' : 'has more than one of';
    throw new FairwayError('refused', `deletions.yaml: ${kind} ${which} name, selector and labels: give exactly one.`);
  }
  if (hasOwner !== undefined && name !== undefined) {
    throw new FairwayError('refused', `deletions.yaml: ${kind} ${name}: has_owner needs selector or labels.`);
  }
}

function optionsOf({ gracePeriodSeconds, propagationPolicy }: Deletion) {
  return {
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
  };
}
