import { annotationsOfTheServer, fieldsOfTheServer } from '../../domain/desired-object.ts';
import { isJsonObject, type Json } from '../../domain/json.ts';
import { isBuiltIn } from '../kind-scopes.ts';
import type { ObjectFault } from './finding.ts';
import type { PlacedObject } from './placed-object.ts';

/** Fields that show that an object was exported from a cluster. Generators write `creationTimestamp: null` and an empty status: these say nothing. */
export function exportedFields({ object }: PlacedObject): ObjectFault[] {
  const { metadata, apiVersion, kind } = object;
  const faults = fieldsOfTheServer
    .filter((name) => !saysNothing(metadata[name]))
    .map(
      (name): ObjectFault => ({ severity: 'error', path: ['metadata', name], message: foreign(`metadata.${name}`) }),
    );
  const owners = metadata.ownerReferences;
  if (!saysNothing(owners)) {
    const message = `metadata.ownerReferences names its owner by a uid, which is another one in each cluster, so that it can't be applied; take it out`;
    faults.push({ severity: 'error', path: ['metadata', 'ownerReferences'], message });
  }
  for (const name of annotationsOfTheServer) {
    if (!isJsonObject(metadata.annotations) || !Object.hasOwn(metadata.annotations, name)) continue;
    const message = foreign(`the annotation ${name}`);
    faults.push({ severity: 'warning', path: ['metadata', 'annotations', name], message });
  }
  // Kinds of others may have no status subresource, and then it is a field like others.
  if (isBuiltIn(apiVersion) && !saysNothing(object.status) && kind !== 'CustomResourceDefinition') {
    faults.push({ severity: 'warning', path: ['status'], message: foreign('status') });
  }
  return faults;
}

function foreign(what: string): string {
  return `${what} is set by the API server, and comes from an exported object; it is left out when applying, so take it out here`;
}

function saysNothing(value: Json | object | undefined): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.values(value).every(saysNothing);
}
