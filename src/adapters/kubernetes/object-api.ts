import { z } from 'zod';
import { FairwayError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import { describeRef, type KubernetesObject, type ObjectRef } from '../../domain/manifest.ts';
import type { Answer, ApiServer } from './api-server.ts';
import { apiVersionOf, Discovery, groupOf, type Resource } from './discovery.ts';
import { type LiveObject, liveObject } from './live-object.ts';

/** The name under which Fairway owns fields; a second one leaves behind what is taken out of a manifest, and may be used for that only. */
export const FIELD_MANAGER = 'fairway';

/** Where an object lives: `ref` has its namespace filled in, or left out for kinds of the whole cluster. */
export interface Place {
  resource: Resource;
  ref: ObjectRef;
  path: string;
}

export interface Selection {
  labelSelector?: string;
  fieldSelector?: string;
}

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: string;
  /** Refuses (409) when another object has taken the name meanwhile. */
  uid?: string;
  /** `dry-run` only asks whether it would be refused. */
  mode?: 'dry-run' | 'persist';
}

const PAGE_SIZE = '500';
/** APIs that can't give metadata alone, as some aggregated ones, may answer with whole objects. */
const METADATA = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json';
const page = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ continue: z.string().optional() }),
  // Lists of metadata alone say `null` when there is none.
  items: z
    .array(z.looseObject({}))
    .nullish()
    .transform((items) => items ?? []),
});

/** Objects of any kind by their coordinates. */
export class ObjectApi {
  readonly server: ApiServer;
  readonly discovery: Discovery;

  constructor(server: ApiServer) {
    this.server = server;
    this.discovery = new Discovery(server);
  }

  /** Undefined when the cluster does not know the kind. Objects of namespaced kinds without a namespace go to `default`. */
  async locate(ref: ObjectRef, signal: AbortSignal): Promise<Place | undefined> {
    const resources = await this.discovery.resources(signal);
    const resource = resources.find((known) => known.kind === ref.kind && apiVersionOf(known) === ref.apiVersion);
    return resource === undefined ? undefined : placeOf(resource, ref);
  }

  /** By whatever version of its group the cluster serves: for objects that were applied when it served others. */
  async locateServed(ref: ObjectRef, signal: AbortSignal): Promise<Place | undefined> {
    const exact = await this.locate(ref, signal);
    if (exact !== undefined) return exact;
    const group = groupOf(ref.apiVersion);
    const resources = await this.discovery.resources(signal);
    const resource = resources.find((known) => known.kind === ref.kind && known.group === group);
    return resource === undefined ? undefined : placeOf(resource, ref);
  }

  /** Reads the cluster's kinds anew when one of these is not among those known; a CRD may have come meanwhile. */
  async learn(refs: ObjectRef[], signal: AbortSignal): Promise<void> {
    const places = await Promise.all(refs.map((ref) => this.locate(ref, signal)));
    if (places.includes(undefined)) this.discovery.refresh();
  }

  /** Undefined when it is not there. */
  async get(place: Place, signal: AbortSignal): Promise<LiveObject | undefined> {
    const found = await this.look(place, signal);
    return typeof found === 'string' ? undefined : found;
  }

  /** `unserved`: the cluster has stopped to serve this version of the kind; the object may be there by another. */
  async look(place: Place, signal: AbortSignal): Promise<LiveObject | 'missing' | 'unserved'> {
    const answer = await this.server.request({ method: 'GET', path: place.path }, signal);
    if (answer.outcome === 'refused' && answer.status === 404) {
      return answer.subject === undefined ? 'unserved' : 'missing';
    }
    return liveObject.parse(this.#mustBeOk(answer, place.path));
  }

  async apply(
    place: Place,
    object: KubernetesObject,
    mode: 'dry-run' | 'persist',
    signal: AbortSignal,
    fieldManager: string = FIELD_MANAGER,
  ): Promise<Answer> {
    const { namespace: _, ...metadata } = object.metadata;
    const { namespace } = place.ref;
    const body = { ...object, metadata: { ...metadata, ...(namespace === undefined ? {} : { namespace }) } };
    const query = {
      fieldManager,
      // What is ours to say wins over others; what we only look after in passing doesn't.
      force: String(fieldManager === FIELD_MANAGER),
      fieldValidation: 'Strict',
      ...(mode === 'dry-run' ? { dryRun: 'All' } : {}),
    };
    const contentType = 'application/apply-patch+yaml';
    return this.server.request(
      { method: 'PATCH', path: place.path, query, body: withoutUndefined(body), contentType },
      signal,
    );
  }

  async delete(place: Place, options: DeleteOptions, signal: AbortSignal): Promise<Answer> {
    const { gracePeriodSeconds, propagationPolicy = 'Background', uid, mode = 'persist' } = options;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy,
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
      ...(uid === undefined ? {} : { preconditions: { uid } }),
      ...(mode === 'dry-run' ? { dryRun: ['All'] } : {}),
    };
    return this.server.request({ method: 'DELETE', path: place.path, body }, signal);
  }

  /** All pages; `namespace` undefined means all of them. */
  async list(
    resource: Resource,
    namespace: string | undefined,
    selection: Selection,
    signal: AbortSignal,
  ): Promise<LiveObject[]> {
    return this.#list(resource, namespace, selection, 'application/json', signal);
  }

  /** As `list`, but of each object its metadata alone. */
  async listMetadata(resource: Resource, namespace: string | undefined, signal: AbortSignal): Promise<LiveObject[]> {
    return this.#list(resource, namespace, {}, METADATA, signal);
  }

  async #list(
    resource: Resource,
    namespace: string | undefined,
    selection: Selection,
    accept: string,
    signal: AbortSignal,
  ): Promise<LiveObject[]> {
    const path = collectionPath(resource, namespace);
    const found: LiveObject[] = [];
    let next: string | undefined;
    do {
      const query = { limit: PAGE_SIZE, ...selection, ...(next === undefined ? {} : { continue: next }) };
      const answer = await this.server.request({ method: 'GET', path, query, accept }, signal);
      // Of a collection that can only mean that the kind itself has just gone.
      if (answer.outcome === 'refused' && answer.status === 404) return found;
      const { items, metadata } = page.parse(this.#mustBeOk(answer, path));
      // Items of a list carry neither apiVersion nor kind.
      const type = { apiVersion: apiVersionOf(resource), kind: resource.kind };
      found.push(...items.map((item) => liveObject.parse({ ...item, ...type })));
      next = metadata.continue === '' ? undefined : metadata.continue;
    } while (next !== undefined);
    return found;
  }

  #mustBeOk(answer: Answer, path: string): JsonObject {
    if (answer.outcome === 'ok') return answer.body;
    const kind = answer.status === 403 ? 'forbidden' : 'refused';
    throw new FairwayError(kind, `${this.server.url}${path}: ${answer.message}`);
  }
}

/** Names come from manifests: encoding keeps a `/` or `?` in them from reaching another path. */
export function collectionPath(resource: Resource, namespace: string | undefined): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${resource.plural}`;
}

/** Fills in `default`, or leaves out a namespace that the kind has no use for. */
export function placeOf(resource: Resource, ref: ObjectRef): Place {
  for (const part of [ref.name, ref.namespace]) {
    if (part !== undefined && /^\.{0,2}$/.test(part)) {
      // URLs fold `..` away even when it is encoded, so that deleting `..` would delete the namespace.
      throw new FairwayError('refused', `${describeRef(ref)}: '${part}' is no name for an object.`);
    }
  }
  const namespace = resource.namespaced ? (ref.namespace ?? 'default') : undefined;
  const located = {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    ...(namespace === undefined ? {} : { namespace }),
    name: ref.name,
  };
  return { resource, ref: located, path: `${collectionPath(resource, namespace)}/${encodeURIComponent(ref.name)}` };
}

function withoutUndefined(object: object): JsonObject {
  return JSON.parse(JSON.stringify(object));
}
