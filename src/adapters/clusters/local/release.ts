/** The Kubernetes release that a cluster is made of: programs and images, all of them on this machine already. */
export interface KubernetesRelease {
  /** Without the `v`, e.g. `1.34.4`. */
  version: string;
  /** Absolute path of a program; throws a FairwayError when it could not be had. */
  binary(name: ClusterBinary): string;
  images: NodeImages;
}

export type ClusterBinary =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubelet'
  | 'kube-proxy'
  | 'kubectl'
  | 'coredns';

export interface NodeImages {
  /** OCI archives (tar files) that hold the images every node has from the start, the pause image among them. */
  archives: string[];
  /** A containerd root folder that has them unpacked already; made from the archives when absent. */
  preparedContentRoot?: string;
}

/** The sandbox image that the archives must hold. */
export const pauseImage = 'registry.k8s.io/pause:3.10.1';
