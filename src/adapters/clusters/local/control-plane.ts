import { join } from 'node:path';
import { writeWhole } from '../whole-file.ts';
import type { Subject } from './certificates.ts';
import type { Component, Part } from './component.ts';
import { kubeconfigFor } from './kubeconfig.ts';
import type { ClusterBinary, KubernetesRelease } from './release.ts';

/** Where a control plane listens and what it hands out. */
export interface ControlPlanePlace {
  cluster: string;
  /** Folder of its data, configuration and logs. */
  folder: string;
  pki: string;
  /** Folder of etcd's own authority and certificates. */
  etcdPki: string;
  /** Address of the API server, as the host, the nodes and the pods reach it. */
  address: string;
  ports: { api: number; etcd: number; etcdPeer: number };
  services: string;
  /** First address of the services' range, which is the API server's. */
  apiService: string;
  /** Pods run there, and want names. */
  hasPods: boolean;
}

export function serverOf({ address, ports }: ControlPlanePlace): string {
  return `https://${address}:${ports.api}`;
}

export function controlPlaneSubjects({ address, apiService }: ControlPlanePlace): Subject[] {
  const service = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
  ];
  const serves = ['localhost', '127.0.0.1', address, apiService, ...service];
  return [
    { file: 'apiserver', commonName: 'kube-apiserver', serves },
    { file: 'apiserver-kubelet-client', commonName: 'kube-apiserver', organization: 'system:masters' },
    { file: 'admin', commonName: 'kubernetes-admin', organization: 'system:masters' },
    { file: 'controller-manager', commonName: 'system:kube-controller-manager' },
    { file: 'scheduler', commonName: 'system:kube-scheduler' },
    dnsSubject,
  ];
}

export const dnsSubject: Subject = { file: 'coredns', commonName: 'system:coredns' };

/** Writes what the control plane's programs read; the certificates must be there. */
export async function writeControlPlaneFiles(place: ControlPlanePlace): Promise<void> {
  const { cluster, folder, pki } = place;
  for (const user of ['admin', 'controller-manager', 'scheduler', 'coredns']) {
    await writeWhole(join(folder, `${user}.kubeconfig`), await kubeconfigFor(cluster, serverOf(place), pki, user));
  }
  if (place.hasPods) await writeWhole(join(folder, 'Corefile'), corefile(place));
}

// Names outside the cluster are refused at once: a forwarder that does not answer would hold up every lookup of a pod.
function corefile({ folder, address }: ControlPlanePlace): string {
  return `.:53 {
  bind ${address}
  errors
  ready ${address}:8181
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    kubeconfig ${join(folder, 'coredns.kubeconfig')}
    pods verified
    ttl 5
  }
  loadbalance
}
`;
}

export function controlPlaneComponents(place: ControlPlanePlace, release: KubernetesRelease): Component[] {
  const component = (program: ClusterBinary, flags: string[], needs: Component['needs']): Component => ({
    program,
    folder: place.folder,
    command: [release.binary(program), ...flags],
    env: {},
    needs,
  });
  const components = [
    component('etcd', etcdFlags(place), 'nothing'),
    component('kube-apiserver', apiServerFlags(place), 'nothing'),
    component('kube-controller-manager', controllerManagerFlags(place), 'api'),
    component('kube-scheduler', schedulerFlags(place), 'api'),
  ];
  if (!place.hasPods) return components;
  return [...components, component('coredns', ['-conf', join(place.folder, 'Corefile')], 'api')];
}

/** The programs that run for a control plane, known without a release at hand. */
export function controlPlaneParts(folder: string, nodes: number): Part[] {
  const programs = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
  return [...programs, ...(nodes > 0 ? ['coredns'] : [])].map((program) => ({ program, folder }));
}

function etcdFlags({ folder, etcdPki, ports }: ControlPlanePlace): string[] {
  const client = `https://127.0.0.1:${ports.etcd}`;
  const peer = `https://127.0.0.1:${ports.etcdPeer}`;
  const identity = (prefix: string) => [
    `--${prefix}client-cert-auth`,
    `--${prefix}trusted-ca-file=${join(etcdPki, 'ca.crt')}`,
    `--${prefix}cert-file=${join(etcdPki, 'server.crt')}`,
    `--${prefix}key-file=${join(etcdPki, 'server.key')}`,
  ];
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    '--name=fairway',
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=fairway=${peer}`,
    ...identity(''),
    ...identity('peer-'),
    // It would call etcd as a client with the certificate of a server.
    '--enable-grpc-gateway=false',
    // A cluster to test on may lose its data when the machine loses power.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

function apiServerFlags({ folder, pki, etcdPki, address, ports, services, hasPods }: ControlPlanePlace): string[] {
  const file = (name: string) => join(pki, name);
  const reach = hasPods
    ? ['--bind-address=0.0.0.0']
    : // A loopback address can't be the endpoint of the service `kubernetes`; without pods nobody misses it, nor the few answers
      // that Kubernetes has for anonymous users, which here would be for everyone on the machine.
      [`--bind-address=${address}`, '--endpoint-reconciler-type=none', '--anonymous-auth=false'];
  return [
    ...reach,
    `--advertise-address=${address}`,
    `--secure-port=${ports.api}`,
    `--cert-dir=${join(folder, 'kube-apiserver')}`,
    `--etcd-servers=https://127.0.0.1:${ports.etcd}`,
    `--etcd-cafile=${join(etcdPki, 'ca.crt')}`,
    `--etcd-certfile=${join(etcdPki, 'client.crt')}`,
    `--etcd-keyfile=${join(etcdPki, 'client.key')}`,
    '--profiling=false',
    `--service-cluster-ip-range=${services}`,
    `--tls-cert-file=${file('apiserver.crt')}`,
    `--tls-private-key-file=${file('apiserver.key')}`,
    `--client-ca-file=${file('ca.crt')}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${file('sa.pub')}`,
    `--service-account-signing-key-file=${file('sa.key')}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    '--kubelet-preferred-address-types=InternalIP',
    `--kubelet-client-certificate=${file('apiserver-kubelet-client.crt')}`,
    `--kubelet-client-key=${file('apiserver-kubelet-client.key')}`,
    `--requestheader-client-ca-file=${file('front-proxy-ca.crt')}`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-username-headers=X-Remote-User',
    `--proxy-client-cert-file=${file('front-proxy-client.crt')}`,
    `--proxy-client-key-file=${file('front-proxy-client.key')}`,
    // Webhooks and aggregated APIs are reached at their pods: no kube-proxy runs beside the API server.
    '--enable-aggregator-routing=true',
  ];
}

function controllerManagerFlags({ folder, pki, services }: ControlPlanePlace): string[] {
  return [
    `--kubeconfig=${join(folder, 'controller-manager.kubeconfig')}`,
    '--secure-port=0',
    '--leader-elect=false',
    '--use-service-account-credentials=true',
    // It shares one rate limit among some fifty controllers; with the default of 20 a second they take five seconds to start.
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    `--service-account-private-key-file=${join(pki, 'sa.key')}`,
    `--root-ca-file=${join(pki, 'ca.crt')}`,
    `--cluster-signing-cert-file=${join(pki, 'ca.crt')}`,
    `--cluster-signing-key-file=${join(pki, 'ca.key')}`,
    `--service-cluster-ip-range=${services}`,
  ];
}

function schedulerFlags({ folder }: ControlPlanePlace): string[] {
  return [`--kubeconfig=${join(folder, 'scheduler.kubeconfig')}`, '--secure-port=0', '--leader-elect=false'];
}
