import { isFinal } from '../domain/run.ts';
import type { ClusterProvider } from '../ports/cluster-provider.ts';
import type { RunStore } from '../ports/store.ts';

/** Removes ephemeral clusters that no live run owns, or whose time is over. Returns the names of those it has removed or begun to. */
export async function reap(
  providers: Iterable<ClusterProvider>,
  runs: RunStore,
  signal: AbortSignal,
): Promise<string[]> {
  const reaped: string[] = [];
  for (const provider of providers) {
    for (const { name, owner, expiresAt } of await provider.list()) {
      const runId = /^run\/(.+)$/.exec(owner)?.[1];
      if (runId === undefined) continue;
      const run = await runs.get(runId);
      const expired = expiresAt !== undefined && expiresAt.getTime() < Date.now();
      if (run && !isFinal(run.status) && !expired) continue;
      await provider.delete(name, signal);
      reaped.push(name);
    }
  }
  return reaped;
}
