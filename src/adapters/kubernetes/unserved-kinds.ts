import { z } from 'zod';
import { unavailableApis } from './api-services.ts';
import { kindAndGroup } from './apply-order.ts';
import { groupOf } from './discovery.ts';
import type { ObjectApi } from './object-api.ts';

export const CRDS = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  words: [],
  namespaced: false,
};

const crdFields = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({ group: z.string(), names: z.object({ kind: z.string() }) }),
});

/** What can be told of kinds that a cluster doesn't serve. The answer for a kind is kept: make a new one for each look. */
export class UnservedKinds {
  readonly #api: ObjectApi;
  readonly #reasons = new Map<string, Promise<string | undefined>>();

  constructor(api: ObjectApi) {
    this.#api = api;
  }

  /** Why its objects may be there all the same; undefined when they went with their kind. */
  reason(type: { apiVersion: string; kind: string }, signal: AbortSignal): Promise<string | undefined> {
    const key = kindAndGroup(type);
    const reason = this.#reasons.get(key) ?? this.#read(type, signal);
    this.#reasons.set(key, reason);
    return reason;
  }

  async #read({ apiVersion, kind }: { apiVersion: string; kind: string }, signal: AbortSignal) {
    const group = groupOf(apiVersion);
    const unavailable = (await unavailableApis(this.#api, signal)).find((known) => known.group === group);
    if (unavailable !== undefined) return unavailable.sentence;
    const definitions = (await this.#api.list(CRDS, undefined, {}, signal)).map((object) => crdFields.parse(object));
    const definition = definitions.find(({ spec }) => spec.group === group && spec.names.kind === kind);
    if (definition === undefined) return undefined;
    return `CustomResourceDefinition ${definition.metadata.name} defines ${kind}, but the cluster does not serve it at the moment`;
  }
}
