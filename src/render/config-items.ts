import type { Cluster } from '../domain/cluster.ts';
import { FairwayError, messageOf } from '../domain/errors.ts';
import type { ClusterFacts } from '../ports/cluster-facts.ts';

const kmsPrefix = 'aws:kms:';

/** The cluster with the defaults that it doesn't set itself. */
export function withDefaults(cluster: Cluster, defaults: ReadonlyMap<string, string>): Cluster {
  return { ...cluster, config_items: { ...Object.fromEntries(defaults), ...cluster.config_items } };
}

/** Config items `aws:kms:<base64>` in the clear. Those of node pools stay as they are. `refuse` is told what can't be decrypted. */
export async function withDecryptedItems(
  cluster: Cluster,
  facts: ClusterFacts,
  refuse: (key: string, message: string) => void,
): Promise<Cluster> {
  const items: Record<string, string> = {};
  for (const [key, value] of Object.entries(cluster.config_items)) {
    items[key] = value.startsWith(kmsPrefix) ? await decryptItem(key, value) : value;
  }
  return { ...cluster, config_items: items };

  async function decryptItem(key: string, value: string): Promise<string> {
    try {
      return await facts.decrypt(value.slice(kmsPrefix.length));
    } catch (error) {
      if (!(error instanceof FairwayError) || error.kind === 'unavailable') throw error;
      refuse(key, messageOf(error));
      return value;
    }
  }
}

/** The values that are not as they were. */
export function changedItems(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string[] {
  return Object.entries(after).flatMap(([key, value]) => (before[key] === value ? [] : [value]));
}

/** Every config item of the cluster goes to each node pool that lacks it. */
export function withInheritedItems(cluster: Cluster): Cluster {
  const pools = cluster.node_pools.map((pool) => ({
    ...pool,
    config_items: { ...cluster.config_items, ...pool.config_items },
  }));
  return { ...cluster, node_pools: pools };
}

/** The item, where the cluster doesn't have it. */
export function withItem(cluster: Cluster, key: string, value: string | undefined): Cluster {
  if (value === undefined || key in cluster.config_items) return cluster;
  return { ...cluster, config_items: { ...cluster.config_items, [key]: value } };
}
