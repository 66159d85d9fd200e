import type { BinaryName } from './binary.ts';
import { versions } from './versions.ts';

/** Where official releases are published. */
export interface Origins {
  kubernetes: string;
  github: string;
  helm: string;
}

export const publicOrigins: Origins = {
  kubernetes: 'https://dl.k8s.io',
  github: 'https://github.com',
  helm: 'https://get.helm.sh',
};

/** One published file and its checksum, in the way its project publishes it. */
export interface OfficialAsset {
  url: string;
  /** Text that holds the sha256: alone, or on the line that names the file. */
  checksumUrl: string;
  /** For an archive: the path inside it that is the program. */
  member?: string;
}

export interface Platform {
  /** As Go names them: `linux`, `darwin`; `amd64`, `arm64`. */
  os: string;
  arch: string;
}

export function thisPlatform(): Platform {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  return { os, arch: process.arch === 'x64' ? 'amd64' : process.arch };
}

const publishedAlone: readonly BinaryName[] = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'kubectl',
];

/** The official file that holds a program, or undefined when its project publishes none for this platform. */
export function officialAsset(name: BinaryName, platform: Platform, origins: Origins): OfficialAsset | undefined {
  const { os, arch } = platform;
  if (publishedAlone.includes(name)) {
    if (os !== 'linux' && name !== 'kubectl') return undefined;
    return withSum(`${origins.kubernetes}/release/v${versions.kubernetes}/bin/${os}/${arch}/${name}`);
  }
  if (name === 'e2e.test' || name === 'ginkgo') {
    const archive = `${origins.kubernetes}/release/v${versions.kubernetes}/kubernetes-test-${os}-${arch}.tar.gz`;
    return { ...withSum(archive), member: `kubernetes/test/bin/${name}` };
  }
  if (name === 'etcd') {
    const folder = `${origins.github}/etcd-io/etcd/releases/download/v${versions.etcd}`;
    const stem = `etcd-v${versions.etcd}-${os}-${arch}`;
    if (os !== 'linux') return undefined;
    return { url: `${folder}/${stem}.tar.gz`, checksumUrl: `${folder}/SHA256SUMS`, member: `${stem}/etcd` };
  }
  if (name === 'coredns') {
    const folder = `${origins.github}/coredns/coredns/releases/download/v${versions.coredns}`;
    return { ...withSum(`${folder}/coredns_${versions.coredns}_${os}_${arch}.tgz`), member: 'coredns' };
  }
  if (name === 'kustomize') {
    const folder = `${origins.github}/kubernetes-sigs/kustomize/releases/download/kustomize%2Fv${versions.kustomize}`;
    const file = `kustomize_v${versions.kustomize}_${os}_${arch}.tar.gz`;
    return { url: `${folder}/${file}`, checksumUrl: `${folder}/checksums.txt`, member: name };
  }
  if (name === 'helm') {
    const archive = `${origins.helm}/helm-v${versions.helm}-${os}-${arch}.tar.gz`;
    return { url: archive, checksumUrl: `${archive}.sha256sum`, member: `${os}-${arch}/helm` };
  }
  return undefined;
}

function withSum(url: string): OfficialAsset {
  return { url, checksumUrl: `${url}.sha256` };
}
