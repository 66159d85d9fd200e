import type { Cluster, ClusterStatus } from '../domain/cluster.ts';

export interface ClusterPatch {
  lifecycle_status?: Cluster['lifecycle_status'];
  /** Replaced whole, as the Cluster Registry API does: a deep merge would keep stale versions. */
  status?: ClusterStatus;
}

/** Knows every cluster that lasts. Ephemeral ones are not in it. */
export interface ClusterRegistry {
  /** By created_at, then id. */
  list(filter?: { channel?: string }): Promise<Cluster[]>;
  get(id: string): Promise<Cluster | undefined>;
  put(cluster: Cluster): Promise<'created' | 'updated'>;
  /** Undefined when there is no such cluster. */
  patch(id: string, patch: ClusterPatch): Promise<Cluster | undefined>;
  remove(id: string): Promise<'removed' | 'absent'>;
}
