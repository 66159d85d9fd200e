import type { Hook } from './hook.ts';
import type { Json } from './json.ts';
import { cut, oneLine } from './visible-text.ts';

/** A Kubernetes object as it is to be applied. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    [field: string]: Json | undefined;
  };
  [field: string]: Json | KubernetesObject['metadata'] | undefined;
}

/** An object with the place in the config repository that it came from. */
export interface Manifest {
  object: KubernetesObject;
  /** Path relative to the source folder, e.g. `manifests/dns/deployment.yaml`. */
  file: string;
  /** Line of the rendered text at which the document starts, from 1. */
  line: number;
  /** The chart's release that it is of, e.g. `web`; absent when it is of no chart. */
  release?: string;
  /** Only in a release, for what is applied at its installs and upgrades, and not between. */
  hook?: Hook;
}

/** One folder of `manifests/`: what is applied together. */
export interface Component {
  name: string;
  manifests: Manifest[];
}

/** An entry of `deletions.yaml`: exactly one of name, selector, labels. */
export interface Deletion {
  kind: string;
  namespace?: string;
  name?: string;
  selector?: string;
  labels?: Record<string, string>;
  hasOwner?: boolean;
  gracePeriodSeconds?: number;
  propagationPolicy?: string;
}

/** What can be told apart in a cluster without asking it: an object's coordinates. */
export interface ObjectRef {
  apiVersion: string;
  kind: string;
  /** Absent for objects of the whole cluster. */
  namespace?: string;
  name: string;
}

const longestName = 300;

/** `Deployment default/web`, or `Namespace web`: how people name an object. On one line, whatever is in the names. */
export function describeRef({ kind, namespace, name }: ObjectRef): string {
  const place = namespace === undefined ? '' : `${namespace}/`;
  return [kind, ' ', place, name].map((part) => cut(oneLine(part), longestName)).join('');
}

export function refOf(object: KubernetesObject): ObjectRef {
  const { name, namespace } = object.metadata;
  return { apiVersion: object.apiVersion, kind: object.kind, ...(namespace === undefined ? {} : { namespace }), name };
}
