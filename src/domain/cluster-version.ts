import { createHash } from 'node:crypto';
import type { Cluster } from './cluster.ts';

/**
 * `CONFIG#HASH`, as CLM writes it into a cluster's status: the hash is over what the registry says of the cluster.
 * `config` is the commit, `<dir>` for a plain folder, `name=commit;name=commit` for several sources.
 */
export function clusterVersion(config: string, cluster: Cluster): string {
  const hash = createHash('sha1');
  for (const text of [
    cluster.id,
    cluster.infrastructure_account,
    cluster.local_id,
    cluster.api_server_url,
    cluster.channel,
    cluster.environment,
  ]) {
    hash.update(text);
  }
  const criticality = Buffer.alloc(4);
  criticality.writeInt32LE(cluster.criticality_level);
  hash.update(criticality).update(cluster.lifecycle_status).update(cluster.provider).update(cluster.region);
  updateItems(cluster.config_items);
  for (const pool of cluster.node_pools) {
    for (const text of [pool.name, pool.profile, ...pool.instance_types, pool.discount_strategy]) hash.update(text);
    const sizes = Buffer.alloc(16);
    sizes.writeBigInt64LE(BigInt(pool.min_size), 0);
    sizes.writeBigInt64LE(BigInt(pool.max_size), 8);
    hash.update(sizes);
    updateItems(pool.config_items);
  }
  return `${config}#${hash.digest('base64url')}`;

  function updateItems(items: Record<string, string>): void {
    for (const key of Object.keys(items).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
      hash.update(key).update(items[key] ?? '');
    }
  }
}

/** The CONFIG part for these sources. */
export function configVersion(sources: readonly { name: string; revision?: string | undefined }[]): string {
  const [only] = sources;
  if (only !== undefined && sources.length === 1) return only.revision ?? '<dir>';
  return sources.map(({ name, revision }) => `${name}=${revision ?? '<dir>'}`).join(';');
}

/** The version that the cluster would have if it got the sources of this one. */
export function versionFor(version: string, cluster: Cluster): string {
  return clusterVersion(version.slice(0, Math.max(0, version.lastIndexOf('#'))), cluster);
}
