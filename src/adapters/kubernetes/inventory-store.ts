import { createHash } from 'node:crypto';
import { z } from 'zod';
import { FairwayError } from '../../domain/errors.ts';
import type { KubernetesObject } from '../../domain/manifest.ts';
import type { Inventory, InventoryObject } from '../../ports/kube.ts';
import type { LiveObject } from './live-object.ts';
import { type ObjectApi, placeOf } from './object-api.ts';
import { normalizeRefs, refKey } from './ref-key.ts';

const NAMESPACE = 'kube-system';
const NAME = 'fairway-inventory';
const PART_LABEL = 'fairway.dev/inventory-part';
const CONFIG_MAPS = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', words: [], namespaced: true };
/** Well below the 1 MiB that a ConfigMap may have. */
export const MAX_PART_BYTES = 900_000;

const objectRefs = z.array(
  z.object({
    apiVersion: z.string(),
    kind: z.string(),
    namespace: z.string().exactOptional(),
    name: z.string(),
    kept: z.string().exactOptional(),
  }),
);
const configMap = z.object({ data: z.record(z.string(), z.string()).default({}) });

/**
 * The inventory lives in ConfigMap `fairway-inventory`. What doesn't fit goes to further ConfigMaps that are named by
 * their content, written before and removed after the one that lists them: a crash in between leaves the old inventory whole.
 */
export class InventoryStore {
  readonly #api: ObjectApi;

  constructor(api: ObjectApi) {
    this.#api = api;
  }

  async read(signal: AbortSignal): Promise<Inventory | undefined> {
    const head = await this.#read(NAME, signal);
    if (head === undefined) return undefined;
    const { revision = '', objects = '[]', parts = '' } = head;
    const inventory: Inventory = { revision, objects: parseRefs(NAME, objects) };
    for (const name of parts.split(' ').filter((word) => word !== '')) {
      const part = await this.#read(name, signal);
      if (part === undefined) throw unreadable(name, 'it is gone');
      inventory.objects.push(...parseRefs(name, part.objects ?? ''));
    }
    return inventory;
  }

  /** What is in it stays; the newer revision counts. */
  async add(objects: InventoryObject[], revision: string, signal: AbortSignal): Promise<void> {
    const before = await this.read(signal);
    const normal = await normalizeRefs(this.#api, objects, signal);
    const known = new Set(normal.map(refKey));
    const kept = (before?.objects ?? []).filter((ref) => !known.has(refKey(ref)));
    await this.write({ revision, objects: [...kept, ...normal] }, signal);
  }

  async write(inventory: Inventory, signal: AbortSignal): Promise<void> {
    const [first = '[]', ...further] = splitRefs(inventory.objects);
    const names: string[] = [];
    for (const objects of further) {
      const name = `${NAME}-${createHash('sha256').update(objects).digest('hex').slice(0, 16)}`;
      await this.#write(name, { [PART_LABEL]: 'true' }, { objects }, signal);
      names.push(name);
    }
    await this.#write(NAME, {}, { revision: inventory.revision, objects: first, parts: names.join(' ') }, signal);
    const parts = await this.#api.list(CONFIG_MAPS, NAMESPACE, { labelSelector: PART_LABEL }, signal);
    for (const part of parts.filter(({ metadata }) => !names.includes(metadata.name))) await this.#remove(part, signal);
  }

  async #read(name: string, signal: AbortSignal): Promise<Record<string, string> | undefined> {
    const live = await this.#api.get(placeOfPart(name), signal);
    return live === undefined ? undefined : configMap.parse(live).data;
  }

  async #write(
    name: string,
    labels: Record<string, string>,
    data: Record<string, string>,
    signal: AbortSignal,
  ): Promise<void> {
    const object: KubernetesObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data };
    const answer = await this.#api.apply(placeOfPart(name), object, 'persist', signal);
    if (answer.outcome === 'refused') {
      throw new FairwayError('forbidden', `ConfigMap ${NAMESPACE}/${name} could not be written: ${answer.message}`);
    }
  }

  async #remove(part: LiveObject, signal: AbortSignal): Promise<void> {
    await this.#api.delete(placeOfPart(part.metadata.name), { uid: part.metadata.uid }, signal);
  }
}

function placeOfPart(name: string) {
  return placeOf(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', namespace: NAMESPACE, name });
}

/** JSON arrays of at most MAX_PART_BYTES each. */
function splitRefs(objects: InventoryObject[]): string[] {
  const parts: string[][] = [[]];
  let size = 0;
  for (const text of objects.map((ref) => JSON.stringify(ref))) {
    const bytes = Buffer.byteLength(text) + 1;
    if (size + bytes > MAX_PART_BYTES) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(text);
    size += bytes;
  }
  return parts.map((texts) => `[${texts.join(',')}]`);
}

function parseRefs(name: string, text: string): InventoryObject[] {
  try {
    return objectRefs.parse(JSON.parse(text));
  } catch (cause) {
    throw unreadable(name, 'data.objects is no JSON list of objects', cause);
  }
}

function unreadable(name: string, why: string, cause?: unknown): FairwayError {
  return new FairwayError(
    'refused',
    `ConfigMap ${NAMESPACE}/${name}: ${why}. Restore it, or delete ConfigMap ${NAMESPACE}/${NAME} to start with an empty inventory (nothing is pruned then).`,
    { cause },
  );
}
