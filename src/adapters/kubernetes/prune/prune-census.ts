import { type Manifest, type ObjectRef, refOf } from '../../../domain/manifest.ts';
import type { Desired, InventoryObject } from '../../../ports/kube.ts';
import { groupOf } from '../discovery.ts';
import type { InventoryStore } from '../inventory-store.ts';
import { isBeingDeleted, type LiveObject } from '../live-object.ts';
import type { ObjectApi, Place } from '../object-api.ts';
import { normalizeRefs, refKey } from '../ref-key.ts';
import { UnservedKinds } from '../unserved-kinds.ts';
import { groupOfApiService } from './prune-order.ts';
import { keepingAnnotation, reasonToSpare } from './spared.ts';

export interface WantedObject {
  ref: InventoryObject;
  manifest: Manifest;
}

/** How an object that is no longer wanted is found. */
export type Finding =
  | { state: 'gone' }
  /** It can't be told whether it is there. */
  | { state: 'hidden'; reason: string }
  | { state: 'spared'; reason: string }
  | { state: 'leaving'; place: Place; live: LiveObject }
  | { state: 'there'; place: Place; live: LiveObject };

/** Who is wanted and who isn't, by the inventory and the manifests; read anew for each look at the cluster. */
export class PruneCensus {
  readonly wanted: readonly WantedObject[];
  /** What the inventory holds and the manifests do not. */
  readonly doomed: readonly InventoryObject[];
  readonly #api: ObjectApi;
  readonly #doomedByKey: Map<string, InventoryObject>;
  readonly #unserved: UnservedKinds;

  private constructor(api: ObjectApi, wanted: WantedObject[], doomed: InventoryObject[]) {
    this.#api = api;
    this.wanted = wanted;
    this.doomed = doomed;
    this.#doomedByKey = new Map(doomed.map((entry) => [refKey(entry), entry]));
    this.#unserved = new UnservedKinds(api);
  }

  static async read(
    api: ObjectApi,
    inventory: InventoryStore,
    { manifests }: Desired,
    signal: AbortSignal,
  ): Promise<PruneCensus> {
    // A CRD may have come or gone, or serve other versions, since the kinds were read; this change may have done it.
    api.discovery.refresh();
    const refs = await normalizeRefs(api, inventoryObjects(manifests), signal);
    const wanted = manifests.flatMap((manifest, index) => {
      const ref = refs[index];
      return ref === undefined ? [] : [{ ref, manifest }];
    });
    const known = await normalizeRefs(api, (await inventory.read(signal))?.objects ?? [], signal);
    const wantedKeys = new Set(refs.map(refKey));
    const doomed = known.filter((entry) => !wantedKeys.has(refKey(entry)));
    return new PruneCensus(api, wanted, doomed);
  }

  async find(entry: InventoryObject, signal: AbortSignal): Promise<Finding> {
    const place = await this.#api.locateServed(entry, signal);
    if (place === undefined) {
      const reason = this.#goesWithItsApi(entry) ? undefined : await this.#unserved.reason(entry, signal);
      return reason === undefined ? { state: 'gone' } : { state: 'hidden', reason };
    }
    const live = await this.#api.look(place, signal);
    if (live === 'missing') return { state: 'gone' };
    if (live === 'unserved') {
      return { state: 'hidden', reason: `the cluster has just stopped to serve ${entry.kind} of ${entry.apiVersion}` };
    }
    const reason = reasonToSpare(live, entry);
    if (reason !== undefined) return { state: 'spared', reason };
    return { state: isBeingDeleted(live) ? 'leaving' : 'there', place, live };
  }

  /** Nobody could delete an object of an APIService that is down; when that is to go, waiting for it would be in vain. */
  #goesWithItsApi({ apiVersion }: InventoryObject): boolean {
    return this.doomed.some((entry) => groupOfApiService(entry) === groupOf(apiVersion));
  }

  /** Whether a live object is one of those that prune deletes. */
  takes(live: LiveObject): boolean {
    const entry = this.#doomedByKey.get(refKey(refOfLive(live)));
    return entry !== undefined && reasonToSpare(live, entry) === undefined;
  }
}

/** The manifests' objects as the inventory holds them. */
export function inventoryObjects(manifests: Manifest[]): InventoryObject[] {
  return manifests.map(({ object }) => {
    const kept = keepingAnnotation(object.metadata.annotations);
    return { ...refOf(object), ...(kept === undefined ? {} : { kept }) };
  });
}

export function refOfLive({ apiVersion, kind, metadata: { name, namespace } }: LiveObject): ObjectRef {
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}
