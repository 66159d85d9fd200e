import { isJsonObject, type Json, type JsonObject } from './json.ts';
import type { KubernetesObject } from './manifest.ts';

/** A field that makes an object impossible to apply. */
export interface FieldProblem {
  /** As people read it: `metadata.ownerReferences`. */
  field: string;
  /** What is wrong and what to change, without the field's name. */
  message: string;
}

export interface DesiredObject {
  /** What is to be sent, compared and remembered. */
  object: KubernetesObject;
  /** Fields that only the API server sets, which are in the manifest and not in `object`: objects exported by kubectl have them. */
  leftOut: string[];
  /** Nothing may be sent while there is one. */
  problems: FieldProblem[];
}

/** A generator writes `creationTimestamp: null`; the others come from exported objects, and would be refused, or repeated as conflicts. */
export const fieldsOfTheServer = [
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
];

/** Controllers count up the first two and would never agree with a manifest on them. */
export const annotationsOfTheServer = [
  'deployment.kubernetes.io/revision',
  'deprecated.daemonset.template.generation',
  'kubectl.kubernetes.io/last-applied-configuration',
];

/**
 * A manifest's object without what is not for a manifest to say, and a Secret's `stringData` as `data`, where a key that is taken out goes
 * from the cluster too. Pure, and the same for what is applied, compared and linted.
 */
export function desiredObject(given: KubernetesObject): DesiredObject {
  const problems = ownerProblems(given);
  const leftOut: string[] = [];
  const metadata = { ...given.metadata };
  for (const field of fieldsOfTheServer.filter((name) => Object.hasOwn(metadata, name))) {
    delete metadata[field];
    leftOut.push(`metadata.${field}`);
  }
  const annotations = metadata.annotations;
  if (isJsonObject(annotations) && annotationsOfTheServer.some((name) => Object.hasOwn(annotations, name))) {
    const kept = Object.entries(annotations).filter(([name]) => !annotationsOfTheServer.includes(name));
    metadata.annotations = Object.fromEntries(kept);
    const gone = annotationsOfTheServer.filter((name) => Object.hasOwn(annotations, name));
    leftOut.push(...gone.map((name) => `metadata.annotations["${name}"]`));
  }
  let object: KubernetesObject = leftOut.length > 0 ? { ...given, metadata } : given;
  if (Object.hasOwn(object, 'status') && isOfKubernetes(object.apiVersion)) {
    const { status: _, ...rest } = object;
    object = { ...rest, apiVersion: given.apiVersion, kind: given.kind, metadata: object.metadata };
    leftOut.push('status');
  }
  if (object.kind === 'Secret' && object.apiVersion === 'v1') object = withStringDataInData(object, problems);
  return { object, leftOut, problems };
}

/** Kinds of others may have no status subresource, and then it is a field like others. */
function isOfKubernetes(apiVersion: string): boolean {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return !group.includes('.') || group.endsWith('.k8s.io');
}

function ownerProblems({ metadata }: KubernetesObject): FieldProblem[] {
  const owners = metadata.ownerReferences;
  if (!Array.isArray(owners) || owners.length === 0) return [];
  const names = owners.map((owner) => (isJsonObject(owner) ? `${owner.kind} ${owner.name}` : 'an owner')).join(', ');
  return [
    {
      field: 'metadata.ownerReferences',
      message: `names ${names} by a uid, which is another one in each cluster, so that the object would be deleted as an orphan; take ownerReferences out`,
    },
  ];
}

/** As the API server does when it stores a Secret: `stringData` wins. */
function withStringDataInData(secret: KubernetesObject, problems: FieldProblem[]): KubernetesObject {
  const { stringData, ...rest } = secret;
  if (stringData === undefined) return secret;
  if (stringData !== null && !isJsonObject(stringData)) {
    problems.push({ field: 'stringData', message: 'is no map of keys to texts' });
    return secret;
  }
  const encoded: JsonObject = {};
  for (const [key, value] of Object.entries(stringData ?? {})) {
    if (value === null || typeof value === 'string') encoded[key] = Buffer.from(value ?? '').toString('base64');
    else
      problems.push({
        field: `stringData.${key}`,
        message: `is ${nameOf(value)} and must be a text; put it in quotes`,
      });
  }
  const { apiVersion, kind, metadata } = secret;
  const data = isJsonObject(rest.data) ? rest.data : {};
  return { ...rest, apiVersion, kind, metadata, data: { ...data, ...encoded } };
}

/** Not its value, which is secret. */
function nameOf(value: Json): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}
