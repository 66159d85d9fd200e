import { isJsonObject, type Json, type JsonObject } from '../domain/json.ts';
import type { KubernetesObject } from '../domain/manifest.ts';
import { isBuiltIn } from './kind-scopes.ts';
import { isQuantityField, QuantitySpellings } from './quantity-fields.ts';
import { withoutSameValues } from './secret-values.ts';

/**
 * Two versions of one object, without what is the same to an API server though written differently: quantities, nulls and empty
 * metadata, a Secret's values in the clear or not. Their namespace is left out: the place in the cluster is the same. Of
 * kinds that Kubernetes doesn't own, values are kept as they are written, so only their metadata is treated.
 */
export function comparableObjects(before: KubernetesObject, after: KubernetesObject): [Json, Json] {
  const spellings = new QuantitySpellings();
  const [old, current] = [new AsKept(before, spellings).object(), new AsKept(after, spellings).object()];
  return isSecret(before) && isSecret(after) ? withoutSameValues(old, current) : [old, current];
}

function isSecret({ apiVersion, kind }: KubernetesObject): boolean {
  return apiVersion === 'v1' && kind === 'Secret';
}

/** Maps of texts, in which a null is a value. */
const textMaps = new Set([
  ...['data', 'stringData', 'binaryData', 'labels', 'annotations', 'matchLabels', 'nodeSelector', 'selector'],
  ...['parameters', 'options', 'volumeAttributes'],
]);
const emptyInMetadata = new Set(['labels', 'annotations', 'finalizers', 'ownerReferences']);
const emptyInContainers = new Set([
  ...['args', 'command', 'env', 'envFrom', 'ports', 'resources', 'volumeDevices', 'volumeMounts'],
]);
const emptyInPods = new Set([
  ...['hostAliases', 'imagePullSecrets', 'initContainers', 'nodeSelector', 'tolerations', 'volumes'],
]);
const emptyAtTop = new Set(['data', 'binaryData', 'stringData']);

/** An object as an API server keeps it. */
class AsKept {
  readonly #object: KubernetesObject;
  readonly #spellings: QuantitySpellings;
  readonly #builtIn: boolean;

  constructor(object: KubernetesObject, spellings: QuantitySpellings) {
    this.#object = object;
    this.#spellings = spellings;
    this.#builtIn = isBuiltIn(object.apiVersion);
  }

  object(): JsonObject {
    const { namespace: _, ...metadata } = this.#object.metadata;
    return this.#fields({ ...this.#object, metadata }, []);
  }

  #fields(object: Readonly<Record<string, unknown>>, path: readonly string[]): JsonObject {
    const kept: [string, Json][] = [];
    for (const [key, value] of Object.entries(object)) {
      if (!isJson(value)) continue;
      const below = [...path, key];
      if (!this.#builtIn && below[0] !== 'metadata') {
        kept.push([key, value]);
        continue;
      }
      const field = this.#value(value, below);
      if (!this.#isAsLeftOut(field, below)) kept.push([key, field]);
    }
    return Object.fromEntries(kept);
  }

  #value(value: Json, path: readonly string[]): Json {
    if (Array.isArray(value)) return value.map((item) => this.#value(item, [...path, '[]']));
    if (isJsonObject(value)) return this.#fields(value, path);
    return this.#builtIn && isQuantityField(this.#object.kind, path) ? this.#spellings.of(value) : value;
  }

  #isAsLeftOut(value: Json, path: readonly string[]): boolean {
    const [key = '', parent = '', grandparent = ''] = path.toReversed();
    if (value === null) return !textMaps.has(parent);
    if (!isEmpty(value)) return false;
    if (parent === 'metadata') return emptyInMetadata.has(key);
    if (parent === '[]') return /^(initC|ephemeralC|c)ontainers$/.test(grandparent) && emptyInContainers.has(key);
    if (parent === 'spec') return (grandparent === 'template' || this.#object.kind === 'Pod') && emptyInPods.has(key);
    const { kind } = this.#object;
    return path.length === 1 && (kind === 'ConfigMap' || kind === 'Secret') && emptyAtTop.has(key);
  }
}

function isJson(value: unknown): value is Json {
  return value !== undefined;
}

function isEmpty(value: Json): boolean {
  return Array.isArray(value) ? value.length === 0 : isJsonObject(value) && Object.keys(value).length === 0;
}
