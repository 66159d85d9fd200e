import { type Lessee, leaseOf } from '../domain/lease.ts';
import { isFinal } from '../domain/run.ts';
import type { ClusterProvider, ProvidedCluster } from '../ports/cluster-provider.ts';
import type { RunStore } from '../ports/store.ts';

/** A cluster that lasts as long as the run that it was made for. */
export interface LeasedCluster extends ProvidedCluster {
  provider: ClusterProvider;
  runId: string;
}

/** Ephemeral clusters of those whose runs are in our store; the others' are theirs to look after. */
export async function leasedClusters(providers: Iterable<ClusterProvider>, lessee: Lessee): Promise<LeasedCluster[]> {
  const found: LeasedCluster[] = [];
  for (const provider of providers) {
    for (const cluster of await provider.list()) {
      const lease = leaseOf(cluster.owner);
      if (lease?.lessee === lessee) found.push({ ...cluster, provider, runId: lease.runId });
    }
  }
  return found;
}

/** Removes ephemeral clusters that no live run owns, or whose time is over. Returns the names of those it has removed or begun to. */
export async function reap(
  providers: Iterable<ClusterProvider>,
  lessee: Lessee,
  runs: Pick<RunStore, 'get'>,
  signal: AbortSignal,
): Promise<string[]> {
  const reaped: string[] = [];
  for (const { name, runId, expiresAt, provider } of await leasedClusters(providers, lessee)) {
    const run = await runs.get(runId);
    const expired = expiresAt !== undefined && expiresAt.getTime() < Date.now();
    if (run && !isFinal(run.status) && !expired) continue;
    await provider.delete(name, signal);
    reaped.push(name);
  }
  return reaped;
}
