/** Everything this house makes or fetches, pinned in one place. A change here is a new cache folder, never a stale hit. */
export const versions = {
  kubernetes: '1.34.4',
  etcd: '3.7.3',
  coredns: '1.15.0',
  kwok: '0.8.0',
  kustomize: '5.8.2',
  helm: '3.22.0',
} as const;

export type Product = keyof typeof versions;
