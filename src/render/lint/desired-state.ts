import type { Component } from '../../domain/manifest.ts';
import { groupOf, isBuiltIn, KindScopes } from '../kind-scopes.ts';
import { ForeignMakers } from './foreign-makers.ts';
import type { PlacedObject } from './placed-object.ts';

/** An object that another one names. */
export interface Target {
  group: string;
  kind: string;
  /** '' for an object of the whole cluster. */
  namespace: string;
  name: string;
}

/** All objects of one cluster, to be looked up by what others call them. */
export class DesiredState {
  readonly scopes: KindScopes;
  readonly objects: readonly PlacedObject[];
  readonly makers: ForeignMakers;
  readonly #byTarget = new Map<string, PlacedObject>();
  readonly #byNamespace = new Map<string, PlacedObject[]>();

  constructor(components: readonly Component[]) {
    const scopes = new KindScopes(components.flatMap(({ manifests }) => manifests));
    this.scopes = scopes;
    this.objects = components.flatMap(({ name, manifests }) =>
      manifests.map((manifest) => {
        const { object } = manifest;
        return { component: name, manifest, object, namespace: scopes.namespaceOf(object) };
      }),
    );
    this.makers = new ForeignMakers(this.objects);
    for (const placed of this.objects) {
      const { object, namespace } = placed;
      const target = { group: groupOf(object.apiVersion), kind: object.kind, namespace, name: object.metadata.name };
      this.#byTarget.set(keyOf(target), placed);
      const others = this.#byNamespace.get(namespace);
      if (others === undefined) this.#byNamespace.set(namespace, [placed]);
      else others.push(placed);
    }
  }

  find(target: Target): PlacedObject | undefined {
    return this.#byTarget.get(keyOf(target));
  }

  /** The objects in a namespace. */
  in(namespace: string): readonly PlacedObject[] {
    return this.#byNamespace.get(namespace) ?? [];
  }

  /** Whether objects of Kubernetes' own kinds or the namespace itself are of this desired state, so that others there may be expected too. */
  isOurs(namespace: string): boolean {
    const isOwn = this.in(namespace).some(({ object }) => isBuiltIn(object.apiVersion));
    return isOwn || this.find({ group: '', kind: 'Namespace', namespace: '', name: namespace }) !== undefined;
  }

  /** `Service default/web (manifests/web/service.yaml:1)`. */
  describe({ object, manifest }: PlacedObject): string {
    return `${this.scopes.describe(object)} (${manifest.file}:${manifest.line})`;
  }
}

function keyOf({ group, kind, namespace, name }: Target): string {
  return JSON.stringify([group, kind, namespace, name]);
}
