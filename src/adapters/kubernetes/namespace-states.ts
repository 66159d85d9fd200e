import type { Located } from './change-set.ts';
import { isBeingDeleted } from './live-object.ts';
import { API_CONCURRENCY, mapBounded } from './map-bounded.ts';
import type { ObjectApi } from './object-api.ts';

export type NamespaceState = 'missing' | 'active' | 'terminating';

/**
 * The namespaces that these objects live in or define. A terminating one refuses new objects, but takes changes to those
 * that are about to go with it.
 */
export async function namespaceStates(
  api: ObjectApi,
  located: Located[],
  signal: AbortSignal,
): Promise<Map<string, NamespaceState>> {
  const names = new Set(located.flatMap(({ place: { ref } }) => (isNamespace(ref) ? ref.name : (ref.namespace ?? []))));
  const states = await mapBounded(
    [...names],
    API_CONCURRENCY,
    async (name) => [name, await stateOf(api, name, signal)] as const,
  );
  return new Map(states);
}

export function isNamespace({ apiVersion, kind }: { apiVersion: string; kind: string }): boolean {
  return apiVersion === 'v1' && kind === 'Namespace';
}

async function stateOf(api: ObjectApi, name: string, signal: AbortSignal): Promise<NamespaceState> {
  const place = await api.locate({ apiVersion: 'v1', kind: 'Namespace', name }, signal);
  const live = place === undefined ? undefined : await api.get(place, signal);
  if (live === undefined) return 'missing';
  return isBeingDeleted(live) ? 'terminating' : 'active';
}
