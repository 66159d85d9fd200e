import { z } from 'zod';
import { type Deletion, describeRef, type ObjectRef } from '../../../domain/manifest.ts';
import type { DeleteRefusal, InventoryObject } from '../../../ports/kube.ts';
import { kindAndGroup } from '../apply-order.ts';
import { groupOf } from '../discovery.ts';
import { isNamespace } from '../namespace-states.ts';
import type { ObjectApi } from '../object-api.ts';
import { contentOf, type Going } from './content.ts';
import type { Finding, WantedObject } from './prune-census.ts';

/** How many objects are named; of others only the number is told. */
const NAMED = 5;

const crdSpec = z.object({ spec: z.object({ group: z.string(), names: z.object({ kind: z.string() }) }) });
const CRD = 'CustomResourceDefinition.apiextensions.k8s.io';

/** Why an object that is no longer wanted must not be pruned all the same: something would be lost with it. */
export async function refusalToPrune(
  api: ObjectApi,
  going: Going,
  entry: InventoryObject,
  finding: Finding,
  signal: AbortSignal,
): Promise<DeleteRefusal[]> {
  if (finding.state === 'spared' || (finding.state === 'gone' && entry.kept !== undefined)) return [];
  const holds = containment(entry, finding);
  const inside = going.census.wanted.filter(({ ref }) => holds(ref));
  if (inside.length > 0) return [{ ref: entry, message: stillWanted(entry, inside) }];
  if (finding.state !== 'there') return [];
  const content = await contentOf(api, going, finding.live, signal);
  if (content === undefined || (await going.meant.include(finding.live, signal))) return [];
  return [
    {
      ref: entry,
      message: `${describeRef(entry)} is no longer in the repository, but ${content}`,
      entry: deletionOf(entry),
    },
  ];
}

/** Which objects live in that Namespace, or are of the kind that that CRD defines. */
function containment(entry: ObjectRef, finding: Finding): (ref: ObjectRef) => boolean {
  if (isNamespace(entry)) return ({ namespace }) => namespace === entry.name;
  if (kindAndGroup(entry) !== CRD || !('live' in finding)) return () => false;
  const { group, names } = crdSpec.parse(finding.live).spec;
  return (ref) => ref.kind === names.kind && groupOf(ref.apiVersion) === group;
}

function stillWanted(container: ObjectRef, inside: WantedObject[]): string {
  const where = isNamespace(container) ? 'in it' : 'of its kind';
  const count = inside.length === 1 ? `1 object is ${where}` : `${inside.length} objects are ${where}`;
  const names = inside
    .slice(0, NAMED)
    .map(({ ref, manifest: { file, line } }) => `${describeRef(ref)} (${file}:${line})`);
  const more = inside.length > NAMED ? ` and ${inside.length - NAMED} more` : '';
  const them = inside.length === 1 ? 'it' : 'them';
  return `${describeRef(container)} is no longer in the repository, but ${count}: ${names.join(', ')}${more}. Put its manifest back, or take ${them} out too`;
}

function deletionOf({ kind, namespace, name }: ObjectRef): Deletion {
  return { kind, ...(namespace === undefined ? {} : { namespace }), name };
}
