import { z } from 'zod';
import { desiredObject } from '../../domain/desired-object.ts';
import { describeRef, type Manifest, type ObjectRef, refOf } from '../../domain/manifest.ts';
import type { Refusal } from '../../ports/kube.ts';
import type { Refused } from './api-server.ts';
import { unavailableApis } from './api-services.ts';
import { kindAndGroup, stageOf } from './apply-order.ts';
import { apiVersionOf, groupOf } from './discovery.ts';
import type { ObjectApi, Place } from './object-api.ts';
import { refusalWords } from './refusal-words.ts';

/** A manifest whose kind the cluster knows. */
export interface Located {
  manifest: Manifest;
  place: Place;
}

export interface ChangeSet {
  located: Located[];
  /** Their kind is defined by a CRD of the same change and not served yet. */
  unserved: Manifest[];
  /** Kinds that CRDs of this change define, as `Kind.group`. */
  introducedKinds: Set<string>;
  /** Kinds that the cluster knows nothing of, objects that are defined twice, and such as no cluster can take. */
  refusals: Refusal[];
}

const crdSpec = z.object({ spec: z.object({ group: z.string(), names: z.object({ kind: z.string() }) }) });

/** Finds out where each manifest belongs, before anything is sent. */
export async function readChangeSet(api: ObjectApi, manifests: Manifest[], signal: AbortSignal): Promise<ChangeSet> {
  const introducedKinds = new Set(manifests.flatMap(definedKind));
  const change: ChangeSet = { located: [], unserved: [], introducedKinds, refusals: [] };
  await api.learn(
    manifests.map(({ object }) => refOf(object)),
    signal,
  );
  const seen = new Map<string, Manifest>();
  for (const given of manifests) {
    const { object, problems } = desiredObject(given.object);
    const manifest = { ...given, object };
    const ref = refOf(object);
    change.refusals.push(...problems.map(({ field, message }) => refusal(manifest, `${field} ${message}`)));
    const place = await api.locate(ref, signal);
    if (place === undefined) {
      if (introducedKinds.has(kindAndGroup(ref))) change.unserved.push(manifest);
      else change.refusals.push(refusal(manifest, await unknownKind(api, ref, signal)));
      continue;
    }
    const twin = seen.get(place.path);
    if (twin !== undefined) {
      change.refusals.push(
        refusal(manifest, `is already defined in ${twin.file}:${twin.line}; keep one of the two`, place.ref),
      );
      continue;
    }
    seen.set(place.path, manifest);
    change.located.push({ manifest, place });
  }
  return change;
}

export function refusal(manifest: Manifest, message: string, ref: ObjectRef = refOf(manifest.object)): Refusal {
  return { ref, file: manifest.file, line: manifest.line, message };
}

/** What the API server refused, in words for people. */
export function refusalByServer({ manifest, place }: Located, answer: Refused): Refusal {
  const message = refusalWords(place.ref, answer);
  const detail = message === answer.message ? {} : { detail: answer.message };
  return { ...refusal(manifest, message, place.ref), ...detail };
}

function definedKind({ object }: Manifest): string[] {
  if (object.kind !== 'CustomResourceDefinition' || stageOf(object) !== 'ground') return [];
  const crd = crdSpec.safeParse(object);
  return crd.success ? [`${crd.data.spec.names.kind}.${crd.data.spec.group}`] : [];
}

async function unknownKind(api: ObjectApi, ref: ObjectRef, signal: AbortSignal): Promise<string> {
  const resources = await api.discovery.resources(signal);
  const versions = [...new Set(resources.filter(({ kind }) => kind === ref.kind).map(apiVersionOf))];
  const what = `the cluster serves no ${ref.kind} of apiVersion ${ref.apiVersion}`;
  if (versions.length > 0) return `${what}; write apiVersion: ${versions.join(' or ')}`;
  const group = groupOf(ref.apiVersion);
  const unavailable = (await unavailableApis(api, signal)).find((known) => known.group === group);
  if (unavailable !== undefined) return `${what} at the moment: ${unavailable.sentence}`;
  const siblings = [...new Set(resources.filter((known) => known.group === group).map(({ kind }) => kind))];
  if (!group.includes('.') && siblings.length > 0) {
    return `${what}; correct the kind (${ref.apiVersion} has ${siblings.sort().join(', ')})`;
  }
  return `${what}; correct apiVersion and kind, or add the CustomResourceDefinition that defines it (${describeRef(ref)})`;
}
