import { join } from 'node:path';
import { stringify } from 'yaml';
import { writeWhole } from '../whole-file.ts';
import type { Subject } from './certificates.ts';
import type { ClusterNetwork, NodeNetwork } from './cluster-network.ts';
import type { Component, Part } from './component.ts';
import { kubeProxyCommand } from './kube-proxy.ts';
import { kubeconfigFor } from './kubeconfig.ts';
import { cniFolders, writePodNetwork } from './pod-network.ts';
import { type KubernetesRelease, pauseImage } from './release.ts';

/** One node of a cluster: its folder, addresses and the control plane it belongs to. */
export interface NodePlace {
  name: string;
  cluster: string;
  folder: string;
  pki: string;
  /** URL of the API server. */
  server: string;
  cgroup: string;
  network: ClusterNetwork;
  own: NodeNetwork;
  /** The machine's folder with the CNI plugins' programs. */
  cniPlugins: string;
}

const containerdSocket = '/run/containerd/containerd.sock';

export function nodeSubjects(name: string): Subject[] {
  return [{ file: name, commonName: `system:node:${name}`, organization: 'system:nodes' }];
}

export const kubeProxySubject: Subject = { file: 'kube-proxy', commonName: 'system:kube-proxy' };

/** Writes what containerd, kubelet and kube-proxy of the node read; the certificates must be there. */
export async function writeNodeFiles(place: NodePlace): Promise<void> {
  const { name, cluster, folder, pki, server, network } = place;
  await writeWhole(join(folder, 'containerd.toml'), containerdConfig(place));
  await writePodNetwork(folder, place.own, place.cniPlugins);
  await writeWhole(join(folder, 'resolv.conf'), `nameserver ${network.controlPlane}\n`, 0o644);
  await writeWhole(join(folder, 'kubelet.yaml'), stringify(kubeletConfig(place)));
  await writeWhole(join(folder, 'kube-proxy.yaml'), stringify(kubeProxyConfig(place)));
  await writeWhole(join(folder, 'kubelet.kubeconfig'), await kubeconfigFor(cluster, server, pki, name));
  await writeWhole(join(folder, 'kube-proxy.kubeconfig'), await kubeconfigFor(cluster, server, pki, 'kube-proxy'));
}

export function nodeComponents(place: NodePlace, containerd: string, release: KubernetesRelease): Component[] {
  const { name, folder, own } = place;
  const component = (program: string, command: string[], needs: Component['needs']): Component => ({
    program,
    folder,
    command,
    // Temporary mounts of an image's unpacking belong to the node as well.
    env: { TMPDIR: join(folder, 'tmp') },
    needs,
  });
  const kubelet = [
    `--config=${join(folder, 'kubelet.yaml')}`,
    `--kubeconfig=${join(folder, 'kubelet.kubeconfig')}`,
    `--hostname-override=${name}`,
    `--node-ip=${own.address}`,
  ];
  const kubeProxy = [release.binary('kube-proxy'), `--config=${join(folder, 'kube-proxy.yaml')}`];
  return [
    component(
      'containerd',
      [containerd, '--config', join(folder, 'containerd.toml'), '--log-level', 'warn'],
      'nothing',
    ),
    component('kubelet', [release.binary('kubelet'), ...kubelet], 'api'),
    component('kube-proxy', kubeProxyCommand(folder, kubeProxy), 'api'),
  ];
}

/** The programs that run for a node, known without a release at hand. */
export function nodeParts(folder: string): Part[] {
  return ['containerd', 'kubelet', 'kube-proxy'].map((program) => ({ program, folder }));
}

// `restrict_oom_score_adj`: without CAP_SYS_RESOURCE runc could not lower the score and would not start a container.
function containerdConfig({ folder }: NodePlace): string {
  return `version = 2
root = "${join(folder, 'containerd')}"
state = "/run/containerd"
[grpc]
  address = "${containerdSocket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${cniFolders.programs}"
    conf_dir = "${cniFolders.configuration}"
`;
}

function kubeletConfig({ folder, pki, network, cgroup }: NodePlace): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(pki, 'ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    // Pods of the host network could ask them without credentials.
    healthzPort: 0,
    enableProfilingHandler: false,
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    clusterDNS: [network.dnsService],
    clusterDomain: 'cluster.local',
    resolvConf: join(folder, 'resolv.conf'),
    systemReserved: { cpu: '100m', memory: '164Mi' },
    kubeReserved: { cpu: '100m', memory: '282Mi' },
    containerLogMaxSize: '50Mi',
    containerLogMaxFiles: 2,
    // All nodes share the machine's disk, whose filling is no news of this cluster until it is nearly full.
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    serializeImagePulls: false,
  };
}

function kubeProxyConfig({ name, folder, network }: NodePlace): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: join(folder, 'kube-proxy.kubeconfig') },
    hostnameOverride: name,
    mode: 'iptables',
    clusterCIDR: network.pods,
    // The machine's limits stay as they are.
    conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}
