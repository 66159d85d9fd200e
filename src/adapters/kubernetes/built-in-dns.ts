import { z } from 'zod';
import { FairwayError } from '../../domain/errors.ts';
import type { KubernetesObject, Manifest, ObjectRef } from '../../domain/manifest.ts';
import type { LiveObject } from './live-object.ts';
import { type ObjectApi, type Place, placeOf } from './object-api.ts';

const NAMESPACE = 'kube-system';
const SERVICE = 'kube-dns';
const OURS = 'fairway.dev/built-in';
const CORE = { group: '', version: 'v1', words: [], namespaced: true };
const SERVICES = { ...CORE, kind: 'Service', plural: 'services' };
const CONFIG_MAPS = { ...CORE, kind: 'ConfigMap', plural: 'configmaps' };
const SLICES = { ...CORE, group: 'discovery.k8s.io', kind: 'EndpointSlice', plural: 'endpointslices' };
const servicePlace = placeOf(SERVICES, refTo(SERVICE));
const slicePlace = placeOf(SLICES, refTo('fairway-dns'));
const settingsPlace = placeOf(CONFIG_MAPS, refTo('fairway-dns'));
const PORTS = [
  { name: 'dns', protocol: 'UDP', port: 53 },
  { name: 'dns-tcp', protocol: 'TCP', port: 53 },
];

const settingsMap = z.object({ data: z.object({ service: z.string(), server: z.string() }) });
const serviceSpec = z.object({
  spec: z.object({ clusterIP: z.string().optional() }).prefault({}),
});

/** Addresses of a cluster's built-in DNS: the Service's, which every pod asks, and the server's behind it. */
export interface BuiltInDnsAddresses {
  service: string;
  server: string;
}

/**
 * The Service that clusters made by us have for DNS, in the place of one that the config repository may bring. It is applied by
 * the same field manager as everything of the repository, so that a Service of the same name takes it over and keeps its address.
 * ConfigMap `fairway-dns` says that a cluster has it; in any other cluster all of this does nothing.
 */
export class BuiltInDns {
  readonly #api: ObjectApi;

  constructor(api: ObjectApi) {
    this.#api = api;
  }

  async install(addresses: BuiltInDnsAddresses, signal: AbortSignal): Promise<void> {
    await this.#apply(settingsPlace, { ...named(settingsPlace), data: { ...addresses } }, signal);
    await this.settle(signal);
  }

  /** Removes the Service when one of these wants its address, or its name with another address. */
  async giveWay(manifests: Manifest[], signal: AbortSignal): Promise<void> {
    const services = manifests.map(({ object }) => object).filter(isService);
    if (services.length === 0) return;
    const addresses = await this.#addresses(signal);
    if (addresses === undefined || !services.some((service) => isInTheWay(service, addresses.service))) return;
    const live = await this.#api.get(servicePlace, signal);
    if (live !== undefined && isOurs(live)) await this.#api.delete(servicePlace, { uid: live.metadata.uid }, signal);
  }

  /** Brings the Service back when nothing else has its name or address; takes our server from behind one that is not ours. */
  async settle(signal: AbortSignal): Promise<void> {
    const addresses = await this.#addresses(signal);
    if (addresses === undefined) return;
    const there = await this.#ensureService(addresses, signal);
    const slice = await this.#api.get(slicePlace, signal);
    if (there === 'ours' && slice === undefined) await this.#apply(slicePlace, endpointSlice(addresses), signal);
    if (there === 'theirs' && slice !== undefined)
      await this.#api.delete(slicePlace, { uid: slice.metadata.uid }, signal);
  }

  async #ensureService(addresses: BuiltInDnsAddresses, signal: AbortSignal): Promise<'ours' | 'theirs'> {
    const live = await this.#api.get(servicePlace, signal);
    if (live !== undefined) return isOurs(live) ? 'ours' : 'theirs';
    if (await this.#isTaken(addresses, signal)) return 'theirs';
    const answer = await this.#api.apply(servicePlace, service(addresses), 'persist', signal);
    if (answer.outcome === 'ok') return 'ours';
    // Another Fairway may be applying at the same time.
    if (await this.#isTaken(addresses, signal)) return 'theirs';
    throw new FairwayError('unavailable', `The cluster's DNS Service could not be made: ${answer.message}`);
  }

  async #isTaken({ service }: BuiltInDnsAddresses, signal: AbortSignal): Promise<boolean> {
    return (
      (await this.#api.list(SERVICES, undefined, { fieldSelector: `spec.clusterIP=${service}` }, signal)).length > 0
    );
  }

  async #addresses(signal: AbortSignal): Promise<BuiltInDnsAddresses | undefined> {
    const live = await this.#api.get(settingsPlace, signal);
    return live === undefined ? undefined : settingsMap.parse(live).data;
  }

  async #apply(place: Place, object: KubernetesObject, signal: AbortSignal): Promise<void> {
    const answer = await this.#api.apply(place, object, 'persist', signal);
    if (answer.outcome === 'refused')
      throw new FairwayError('unavailable', `${place.path} could not be written: ${answer.message}`);
  }
}

function isOurs({ metadata }: LiveObject): boolean {
  return metadata.labels[OURS] === 'dns';
}

function isService({ apiVersion, kind }: KubernetesObject): boolean {
  return apiVersion === 'v1' && kind === 'Service';
}

function isInTheWay(object: KubernetesObject, ours: string): boolean {
  const { spec } = serviceSpec.safeParse(object).data ?? { spec: {} };
  const wanted = spec.clusterIP ?? '';
  const { name, namespace } = object.metadata;
  const hasOurName = name === SERVICE && namespace === NAMESPACE;
  return hasOurName ? wanted !== '' && wanted !== ours : wanted === ours;
}

function service({ service: clusterIP }: BuiltInDnsAddresses): KubernetesObject {
  const labels = { 'k8s-app': 'kube-dns', 'kubernetes.io/name': 'CoreDNS', [OURS]: 'dns' };
  return { ...named(servicePlace, labels), spec: { clusterIP, ports: PORTS } };
}

function endpointSlice({ server }: BuiltInDnsAddresses): KubernetesObject {
  return {
    ...named(slicePlace, { 'kubernetes.io/service-name': SERVICE }),
    addressType: 'IPv4',
    endpoints: [{ addresses: [server], conditions: { ready: true } }],
    ports: PORTS,
  };
}

function named({ ref }: Place, labels: Record<string, string> = {}) {
  return { apiVersion: ref.apiVersion, kind: ref.kind, metadata: { name: ref.name, labels } };
}

function refTo(name: string): ObjectRef {
  return { apiVersion: 'v1', kind: '', namespace: NAMESPACE, name };
}
