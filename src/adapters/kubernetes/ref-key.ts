import type { ObjectRef } from '../../domain/manifest.ts';
import { kindAndGroup } from './apply-order.ts';
import type { ObjectApi } from './object-api.ts';

/** The same for the same object, whatever version of its group it is read by. */
export function refKey(ref: ObjectRef): string {
  return `${kindAndGroup(ref)} ${ref.namespace ?? ''}/${ref.name}`;
}

/** With the namespace that the cluster would give them; kinds that it does not know stay as they are. */
export async function normalizeRefs(api: ObjectApi, refs: ObjectRef[], signal: AbortSignal): Promise<ObjectRef[]> {
  await api.learn(refs, signal);
  return Promise.all(refs.map(async (ref) => (await api.locate(ref, signal))?.ref ?? ref));
}
