import { join } from 'node:path';
import type { ClusterState } from '../../../ports/cluster-provider.ts';
import { withMachineLock } from '../../kubernetes-release/machine-lock.ts';
import { ensureDns } from './addons.ts';
import { ApiClient } from './api-client.ts';
import { ensureCertificates, ensureEtcdCertificates } from './certificates.ts';
import { makeCgroup } from './cgroups.ts';
import { type ClusterNetwork, nodeNetwork } from './cluster-network.ts';
import type { Component } from './component.ts';
import {
  type ControlPlanePlace,
  controlPlaneComponents,
  controlPlaneSubjects,
  serverOf,
  writeControlPlaneFiles,
} from './control-plane.ts';
import { converge } from './converge.ts';
import { freePorts } from './free-ports.ts';
import type { Host } from './host.ts';
import { seedOf } from './identity.ts';
import { raiseInotifyLimits, restoreInotifyLimits } from './inotify-limits.ts';
import { kubeconfigFor } from './kubeconfig.ts';
import { leftoversOfAll } from './leftovers.ts';
import { joinNodes, joinToHost } from './links.ts';
import { ensureMachine, inside, type Machine } from './machine.ts';
import { kubeProxySubject, type NodePlace, nodeComponents, nodeSubjects, writeNodeFiles } from './node.ts';
import { giveImages, preparedContentRoot } from './prepared-images.ts';
import { processTable } from './processes.ts';
import { apiAnswers, type Expected, whatIsLacking } from './readiness.ts';
import { type ClusterRecord, writeRecord } from './record.ts';
import type { KubernetesRelease } from './release.ts';

/** What a cluster is made with. */
export interface Making {
  folder: string;
  /** Name of its link and cgroup on the host. */
  id: string;
  record: ClusterRecord;
  release: KubernetesRelease;
  host: Host;
  /** Where images prepared once per machine are kept. */
  imageCache: string;
  told: (progress: string) => void;
}

// All Fairways of a machine share it, since they share its addresses and limits.
const machineLock = '/run/lock/fairway-network';

export function nodeNames(count: number): string[] {
  return Array.from({ length: count }, (_, position) => `node-${position + 1}`);
}

/** A control plane on loopback ports, for machines that can't have nodes. */
export async function makeControlPlane(making: Making, signal: AbortSignal): Promise<ClusterState> {
  const { folder, record, release, told } = making;
  const ports = record.ports ?? (await freePorts());
  if (record.ports === null) await writeRecord(folder, { ...record, ports });
  const place: ControlPlanePlace = {
    cluster: record.name,
    folder: join(folder, 'control-plane'),
    pki: join(folder, 'pki'),
    etcdPki: join(folder, 'etcd-pki'),
    address: '127.0.0.1',
    ports,
    services: '10.96.0.0/20',
    apiService: '10.96.0.1',
    hasPods: false,
  };
  await ensureCertificates(place.pki, controlPlaneSubjects(place));
  await ensureEtcdCertificates(place.etcdPki);
  await writeControlPlaneFiles(place);
  const api = new ApiClient(serverOf(place), place.pki);
  return converge(
    {
      components: controlPlaneComponents(place, release),
      place: ({ command }) => command,
      apiAnswers: () => apiAnswers(api),
      onApi: async () => {},
      lacking: () => whatIsLacking(api, undefined),
    },
    told,
    signal,
  );
}

/** A control plane and nodes, each a machine of its own. */
export async function makeClusterWithNodes(making: Making, signal: AbortSignal): Promise<ClusterState> {
  const { folder, record, told } = making;
  told('its machines are being made');
  const names = nodeNames(record.nodes);
  const [controlPlane, ...nodes] = await Promise.all(
    ['control-plane', ...names].map((name) => ensureMachine(name, join(folder, name), processTable, signal)),
  );
  if (controlPlane === undefined) throw new Error('a cluster has at least a control plane');
  const network = await ensureNetwork(making, controlPlane, nodes, signal);
  const place = controlPlanePlace(making, network);
  const certificates = [...controlPlaneSubjects(place), kubeProxySubject, ...names.flatMap(nodeSubjects)];
  await ensureCertificates(place.pki, certificates);
  await ensureEtcdCertificates(place.etcdPki);
  await writeControlPlaneFiles(place);
  const components = [
    ...controlPlaneComponents(place, making.release),
    ...(await prepareNodes(making, place, network, signal)),
  ];
  const machines = new Map([controlPlane, ...nodes].map((machine) => [machine.folder, machine]));
  const api = new ApiClient(serverOf(place), place.pki);
  const kubeconfig = await kubeconfigFor(place.cluster, serverOf(place), place.pki, 'admin');
  return converge(
    {
      components,
      place: (component) => insideItsMachine(component, machines),
      apiAnswers: () => apiAnswers(api),
      onApi: () => ensureDns(kubeconfig, { service: network.dnsService, server: network.controlPlane }, signal),
      lacking: () => whatIsLacking(api, expectedOf(folder, network, record.nodes)),
    },
    told,
    signal,
  );
}

/** What is to be well before a cluster with nodes counts as ready. */
export function expectedOf(folder: string, network: ClusterNetwork, nodes: number): Expected {
  const addressed = nodeNames(nodes).map((name, position) => ({
    name,
    address: nodeNetwork(network, position + 1).address,
    folder: join(folder, name),
  }));
  return { nodes: addressed, dnsServer: network.controlPlane };
}

async function ensureNetwork(
  { folder, id, record, told }: Making,
  controlPlane: Machine,
  nodes: Machine[],
  signal: AbortSignal,
): Promise<ClusterNetwork> {
  const waiting = () => told('another cluster is choosing its network');
  const network = await withMachineLock(machineLock, { signal, waiting }, async () => {
    await raiseInotifyLimits();
    return joinToHost(id, controlPlane, record.block, seedOf(id));
  });
  if (record.block === null) await writeRecord(folder, { ...record, block: network.block });
  await joinNodes(network, id, controlPlane, nodes);
  return network;
}

function controlPlanePlace({ folder, record }: Making, network: ClusterNetwork): ControlPlanePlace {
  return {
    cluster: record.name,
    folder: join(folder, 'control-plane'),
    pki: join(folder, 'pki'),
    etcdPki: join(folder, 'etcd-pki'),
    address: network.controlPlane,
    ports: { api: 6443, etcd: 2379, etcdPeer: 2380 },
    services: network.services,
    apiService: network.apiService,
    hasPods: true,
  };
}

async function prepareNodes(
  { folder, id, record, release, host, imageCache, told }: Making,
  controlPlane: ControlPlanePlace,
  network: ClusterNetwork,
  signal: AbortSignal,
): Promise<Component[]> {
  told('the images of its nodes are being prepared');
  const prepared = await preparedContentRoot(release.images, imageCache, signal);
  const places = nodeNames(record.nodes).map(
    (name, position): NodePlace => ({
      name,
      cluster: record.name,
      folder: join(folder, name),
      pki: controlPlane.pki,
      server: serverOf(controlPlane),
      cgroup: `${id}/${name}`,
      network,
      own: nodeNetwork(network, position + 1),
      cniPlugins: host.cniPlugins,
    }),
  );
  for (const place of places) {
    await giveImages(prepared, join(place.folder, 'containerd'));
    await makeCgroup(place.cgroup);
    await writeNodeFiles(place);
  }
  return places.flatMap((place) => nodeComponents(place, host.containerd, release));
}

function insideItsMachine({ folder, command }: Component, machines: Map<string, Machine>): string[] {
  const machine = machines.get(folder);
  if (machine === undefined) throw new Error(`no machine has the folder ${folder}`);
  return inside(machine, command);
}

/** Leaves the machine as it was before its first cluster, when the last one of all Fairways is gone. */
export async function leaveMachine(signal: AbortSignal): Promise<void> {
  if (process.platform !== 'linux' || process.geteuid?.() !== 0) return;
  await withMachineLock(machineLock, { signal, waiting: () => {} }, async () => {
    if ((await leftoversOfAll()).length === 0) await restoreInotifyLimits();
  });
}
