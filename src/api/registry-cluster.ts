import type { Cluster } from '../domain/cluster.ts';

/**
 * A cluster as the Cluster Lifecycle Manager can read it. It refuses the whole list for a pool without instance types or an
 * API host without a dot, both of which local clusters have; a trailing dot makes the host's name absolute, which is the same host.
 */
export function toRegistryCluster(cluster: Cluster): Cluster {
  return {
    ...cluster,
    api_server_url: withDottedHost(cluster.api_server_url),
    node_pools: cluster.node_pools.map((pool) =>
      pool.instance_types.length > 0 ? pool : { ...pool, instance_types: ['none'] },
    ),
  };
}

function withDottedHost(address: string): string {
  const parsed = URL.parse(address);
  if (!parsed || parsed.hostname === '' || /[.\]]/.test(parsed.hostname)) return address;
  return address.replace(`//${parsed.host}`, `//${parsed.hostname}.${parsed.port === '' ? '' : `:${parsed.port}`}`);
}

export interface InfrastructureAccount {
  id: string;
  type: string;
  name: string;
  owner: string;
  environment: string;
  external_id: string;
  lifecycle_status: 'ready';
}

/** The accounts that clusters live in, as far as the clusters tell. */
export function accountsOf(clusters: Cluster[]): InfrastructureAccount[] {
  const accounts = new Map<string, InfrastructureAccount>();
  for (const { infrastructure_account: id, account_name, owner, environment } of clusters) {
    if (accounts.has(id)) continue;
    const [type = '', externalId] = id.split(':', 2);
    const name = account_name === '' ? id : account_name;
    accounts.set(id, { id, type, name, owner, environment, external_id: externalId ?? id, lifecycle_status: 'ready' });
  }
  return [...accounts.values()];
}
