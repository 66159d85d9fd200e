import { z } from 'zod';
import type { ServiceEndpoints } from '../../ports/kube.ts';
import type { InventoryStore } from './inventory-store.ts';
import { API_CONCURRENCY, mapBounded } from './map-bounded.ts';
import type { ObjectApi, Place } from './object-api.ts';

const SLICES = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  words: [],
  namespaced: true,
};

const serviceFields = z.object({
  spec: z.object({ selector: z.record(z.string(), z.string()).default({}) }).prefault({}),
});
const sliceFields = z.object({
  endpoints: z.array(z.object({ conditions: z.object({ ready: z.boolean().nullish() }).prefault({}) })).nullish(),
});

/** Of each Service in the inventory that has a selector. */
export async function serviceEndpoints(
  api: ObjectApi,
  inventory: InventoryStore,
  signal: AbortSignal,
): Promise<ServiceEndpoints[]> {
  const objects = (await inventory.read(signal))?.objects ?? [];
  const services = objects.filter(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'Service');
  const places = await Promise.all(services.map((ref) => api.locate(ref, signal)));
  const known = places.filter((place) => place !== undefined);
  return (await mapBounded(known, API_CONCURRENCY, (place) => endpointsOf(api, place, signal))).flat();
}

async function endpointsOf(api: ObjectApi, place: Place, signal: AbortSignal): Promise<ServiceEndpoints[]> {
  const service = await api.get(place, signal);
  if (service === undefined || Object.keys(serviceFields.parse(service).spec.selector).length === 0) return [];
  const labelSelector = `kubernetes.io/service-name=${place.ref.name}`;
  const slices = await api.list(SLICES, place.ref.namespace, { labelSelector }, signal);
  const endpoints = slices.flatMap((slice) => sliceFields.parse(slice).endpoints ?? []);
  // The API says that an unknown `ready` is to be read as true.
  const ready = endpoints.filter(({ conditions }) => conditions.ready !== false).length;
  return [{ ref: place.ref, ready, notReady: endpoints.length - ready }];
}
