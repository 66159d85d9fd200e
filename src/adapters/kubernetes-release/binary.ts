import type { Product } from './versions.ts';

/** How a program says its version: these arguments, and its output then holds `text` with `VERSION` replaced. */
interface VersionQuestion {
  args: string[];
  text: string;
}

/** One program that clusters, the conformance suite or the rendering of components are made of. */
export interface Binary {
  product: Product;
  /** The Go package it is built from. */
  goPackage: string;
  /** `test` is `go test -c`. */
  build: 'command' | 'test';
  /** Absent where a program of that name on a user's PATH can't be told apart from another version. */
  version?: VersionQuestion;
}

const kubernetes = (name: string): Binary => ({
  product: 'kubernetes',
  goPackage: `k8s.io/kubernetes/cmd/${name}`,
  build: 'command',
  version: { args: ['--version'], text: 'Kubernetes vVERSION' },
});

export const binaries = {
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  kubelet: kubernetes('kubelet'),
  'kube-proxy': kubernetes('kube-proxy'),
  kubectl: { ...kubernetes('kubectl'), version: { args: ['version', '--client'], text: 'Client Version: vVERSION' } },
  'e2e.test': { product: 'kubernetes', goPackage: 'k8s.io/kubernetes/test/e2e', build: 'test' },
  ginkgo: { product: 'kubernetes', goPackage: 'github.com/onsi/ginkgo/v2/ginkgo', build: 'command' },
  agnhost: { product: 'kubernetes', goPackage: 'k8s.io/kubernetes/test/images/agnhost', build: 'command' },
  nonewprivs: { product: 'kubernetes', goPackage: 'k8s.io/kubernetes/test/images/nonewprivs', build: 'command' },
  'sample-apiserver': { product: 'kubernetes', goPackage: 'k8s.io/sample-apiserver', build: 'command' },
  etcd: {
    product: 'etcd',
    goPackage: 'go.etcd.io/etcd/server/v3',
    build: 'command',
    version: { args: ['--version'], text: 'etcd Version: VERSION' },
  },
  coredns: {
    product: 'coredns',
    goPackage: 'github.com/coredns/coredns',
    build: 'command',
    version: { args: ['-version'], text: 'CoreDNS-VERSION' },
  },
  kwokctl: { product: 'kwok', goPackage: 'sigs.k8s.io/kwok/cmd/kwokctl', build: 'command' },
  kustomize: {
    product: 'kustomize',
    goPackage: 'sigs.k8s.io/kustomize/kustomize/v5',
    build: 'command',
    version: { args: ['version'], text: 'vVERSION' },
  },
  helm: {
    product: 'helm',
    goPackage: 'helm.sh/helm/v3/cmd/helm',
    build: 'command',
    version: { args: ['version', '--template', '{{.Version}}'], text: 'vVERSION' },
  },
} as const satisfies Record<string, Binary>;

export type BinaryName = keyof typeof binaries;

/** What a control plane is made of. */
export const controlPlaneBinaries = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
] as const satisfies BinaryName[];

/** What the conformance suite needs. */
export const conformanceBinaries = ['kubectl', 'e2e.test', 'ginkgo'] as const satisfies BinaryName[];

/** What a cluster with real nodes and the conformance suite need. */
export const clusterBinaries = [
  ...controlPlaneBinaries,
  'kubelet',
  'kube-proxy',
  'coredns',
  ...conformanceBinaries,
] as const satisfies BinaryName[];
