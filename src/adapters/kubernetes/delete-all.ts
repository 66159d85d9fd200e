import { FairwayError } from '../../domain/errors.ts';
import { type Deletion, describeRef, type ObjectRef } from '../../domain/manifest.ts';
import type { DeleteOutcome } from '../../ports/kube.ts';
import type { Resource } from './discovery.ts';
import type { LiveObject } from './live-object.ts';
import { type ObjectApi, type Place, placeOf } from './object-api.ts';
import { refKey } from './ref-key.ts';

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
  const left: ObjectRef[] = [];
  for (const deletion of deletions) {
    const resource = await resourceFor(api, deletion.kind, signal);
    // A kind that is not served has no objects; what is not there counts as deleted.
    if (resource === undefined) continue;
    for (const { place, object } of await matches(api, resource, deletion, signal)) {
      if (!isMeant(object)) continue;
      const answer = await api.delete(place, optionsOf(deletion), signal);
      if (answer.outcome === 'refused' && answer.status !== 404) {
        return { outcome: 'refused', message: `${describeRef(place.ref)}: ${answer.message}` };
      }
      const owned = object.metadata.ownerReferences.length > 0;
      const after = owned ? undefined : await api.get(place, signal);
      if (after?.metadata.uid === object.metadata.uid) left.push(place.ref);
      else objects.push(place.ref);
    }
  }
  return left.length > 0 ? { outcome: 'waiting', left } : { outcome: 'deleted', objects };
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
    for (const { object } of await matches(api, resource, deletion, signal)) uids.add(object.metadata.uid);
    const { name, namespace } = deletion;
    const scope = namespace === undefined ? {} : { namespace };
    if (name !== undefined)
      named.add(refKey(placeOf(resource, { apiVersion: '', kind: resource.kind, ...scope, name }).ref));
  }
  return { uids: [...uids], named: [...named] };
}

interface Match {
  place: Place;
  object: LiveObject;
}

async function matches(api: ObjectApi, resource: Resource, deletion: Deletion, signal: AbortSignal): Promise<Match[]> {
  const { name, namespace } = deletion;
  if (name !== undefined) {
    if (resource.namespaced && namespace === undefined) {
      throw new FairwayError('refused', `deletions.yaml: ${deletion.kind} ${name} needs a namespace.`);
    }
    const ref = { apiVersion: '', kind: resource.kind, ...(namespace === undefined ? {} : { namespace }), name };
    const place = placeOf(resource, ref);
    const object = await api.get(place, signal);
    return object === undefined ? [] : [{ place, object }];
  }
  const found = await api.list(resource, namespace, { labelSelector: selectorOf(deletion) }, signal);
  return found
    .filter(
      ({ metadata }) => deletion.hasOwner === undefined || deletion.hasOwner === metadata.ownerReferences.length > 0,
    )
    .map((object) => {
      const { name, namespace } = object.metadata;
      const ref = { apiVersion: '', kind: resource.kind, ...(namespace === undefined ? {} : { namespace }), name };
      return { place: placeOf(resource, ref), object };
    });
}

/** `deployment`, `deploy`, `Deployments`, `deployments.apps` or `deployments.v1.apps`, as kubectl takes them. */
async function resourceFor(api: ObjectApi, kind: string, signal: AbortSignal): Promise<Resource | undefined> {
  const [word = '', ...rest] = kind.toLowerCase().split('.');
  const qualifier = rest.join('.');
  const resources = await api.discovery.resources(signal);
  return resources.find(
    ({ words, group, version }) =>
      words.includes(word) &&
      (qualifier === '' ||
        qualifier === group ||
        qualifier === `${version}.${group}` ||
        (group === '' && qualifier === version)),
  );
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

function selectorOf({ selector, labels }: Deletion): string {
  if (selector !== undefined && selector !== '') return selector;
  return Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

function optionsOf({ gracePeriodSeconds, propagationPolicy }: Deletion) {
  return {
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
  };
}
