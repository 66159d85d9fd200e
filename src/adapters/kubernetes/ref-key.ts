import type { ObjectRef } from '../../domain/manifest.ts';
import type { InventoryObject } from '../../ports/kube.ts';
import { kindAndGroup } from './apply-order.ts';
import type { ObjectApi } from './object-api.ts';

/** The same for the same object, whatever version of its group it is read by. */
export function refKey(ref: ObjectRef): string {
  return `${kindAndGroup(ref)} ${ref.namespace ?? ''}/${ref.name}`;
}

/**
 * With the namespace that the cluster would give them, by a version that it serves; kinds that it does not know stay as they
 * are.
 */
export async function normalizeRefs(
  api: ObjectApi,
  refs: InventoryObject[],
  signal: AbortSignal,
): Promise<InventoryObject[]> {
  await api.learn(refs, signal);
  return Promise.all(
    refs.map(async (ref) => {
      const place = await api.locateServed(ref, signal);
      if (place === undefined) return ref;
      return { ...place.ref, ...(ref.kept === undefined ? {} : { kept: ref.kept }) };
    }),
  );
}
