import { FairwayError } from '../../domain/errors.ts';
import type { Deletion } from '../../domain/manifest.ts';
import type { Resource } from './discovery.ts';
import type { LiveObject } from './live-object.ts';
import { type ObjectApi, type Place, placeOf } from './object-api.ts';

/** A live object that an entry of `deletions.yaml` means. */
export interface Match {
  place: Place;
  object: LiveObject;
}

/** What an entry of `deletions.yaml` means. None, when its kind isn't served: such a kind has no objects. */
export async function deletionMatches(api: ObjectApi, deletion: Deletion, signal: AbortSignal): Promise<Match[]> {
  const resource = await resourceFor(api, deletion.kind, signal);
  if (resource === undefined) return [];
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
export async function resourceFor(api: ObjectApi, kind: string, signal: AbortSignal): Promise<Resource | undefined> {
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

function selectorOf({ selector, labels }: Deletion): string {
  if (selector !== undefined && selector !== '') return selector;
  return Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
