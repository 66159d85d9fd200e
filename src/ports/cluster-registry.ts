import type { Cluster } from '../domain/cluster.ts';

/** Knows every cluster that lasts. Ephemeral ones are not in it. */
export interface ClusterRegistry {
  /** By created_at, then id. */
  list(filter?: { channel?: string }): Promise<Cluster[]>;
  get(id: string): Promise<Cluster | undefined>;
  put(cluster: Cluster): Promise<'created' | 'updated'>;
  /**
   * What `change` makes of the record takes its place, whole; when another has changed it meanwhile, `change` is called again with that.
   * Undefined when there is no such cluster.
   */
  update(id: string, change: (record: Cluster) => Cluster): Promise<Cluster | undefined>;
  remove(id: string): Promise<'removed' | 'absent'>;
}
