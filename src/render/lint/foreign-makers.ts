import { isJsonObject } from '../../domain/json.ts';
import { groupOf, isBuiltIn } from '../kind-scopes.ts';
import { itemsBelow, textBelow } from './fields.ts';
import type { PlacedObject } from './placed-object.ts';
import { containersOf, podTemplateOf } from './pods.ts';

/** API groups whose objects scale, watch or route what is there, and make nothing that others would name. */
const makeNothing =
  /^(keda\.sh|autoscaling\.k8s\.io|metrics\.k8s\.io|networking\.istio\.io|gateway\.networking\.k8s\.io)$/;
/** Those make Secrets and such, but no pods. */
const makeNoPods =
  /(^|\.)(cert-manager\.io|external-secrets\.io|bitnami\.com|traefik\.io|containo\.us|projectcalico\.org|cilium\.io|kyverno\.io|gatekeeper\.sh)$/;
const watchers = new Set(['PodMonitor', 'Probe', 'PrometheusRule', 'RouteGroup', 'ServiceMonitor']);

/** What may be made by others because of an object: a Secret by cert-manager for a Certificate, pods by an operator. */
export class ForeignMakers {
  readonly #custom: readonly PlacedObject[];
  readonly #objects: readonly PlacedObject[];
  #names: ReadonlySet<string> | undefined;
  #arguments: ReadonlySet<string> | undefined;

  constructor(objects: readonly PlacedObject[]) {
    this.#objects = objects;
    this.#custom = objects.filter(({ object }) => !isBuiltIn(object.apiVersion) && !isPassive(object));
  }

  /** Whether an object of a kind that Kubernetes doesn't own has this name, or says it somewhere. */
  mayMake(name: string): boolean {
    this.#names ??= new Set(this.#custom.flatMap(({ object }) => textsIn(object)));
    return this.#names.has(name);
  }

  /** Whether a program is told this name by its arguments, e.g. `--secret-name=admission`. */
  isArgument(name: string): boolean {
    this.#arguments ??= new Set(this.#objects.flatMap(({ object }) => argumentsOf(object)));
    return this.#arguments.has(name);
  }

  /** Whether something in the namespace may be what an operator makes pods of. */
  mayMakePodsIn(namespace: string): boolean {
    return this.#custom.some((one) => one.namespace === namespace && !makeNoPods.test(groupOf(one.object.apiVersion)));
  }
}

function isPassive({ apiVersion, kind }: PlacedObject['object']): boolean {
  return makeNothing.test(groupOf(apiVersion)) || watchers.has(kind);
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isJsonObject(value) ? Object.values(value).flatMap(textsIn) : [];
}

function argumentsOf(object: PlacedObject['object']): string[] {
  const template = podTemplateOf(object);
  if (template === undefined) return [];
  const given = containersOf(template).flatMap((container) => [
    ...[...itemsBelow(container, 'command'), ...itemsBelow(container, 'args')].map(({ value }) => value),
    ...itemsBelow(container, 'env').map((variable) => textBelow(variable, 'value')),
  ]);
  return given.flatMap(textsIn).flatMap((text) => text.split(/[\s=,:/]+/));
}
