import type { Cluster } from '../domain/cluster.ts';
import type { Run } from '../domain/run.ts';
import { ephemeralCluster, specimenCluster } from './target.ts';
import type { World } from './world.ts';

/** Every cluster that a change of the run's channel concerns, the run's own ephemeral one included if it makes one; never none. */
export async function clustersOf(run: Run, { registry }: Pick<World, 'registry'>): Promise<Cluster[]> {
  const lasting = (await registry.list({ channel: run.channel })).filter(
    ({ lifecycle_status }) => lifecycle_status !== 'decommissioned',
  );
  const makesOne = run.stages.some(({ steps }) => steps.some(({ kind }) => kind === 'create-cluster'));
  if (makesOne) return [...lasting, ephemeralCluster(run)];
  return lasting.length > 0 ? lasting : [specimenCluster(run)];
}
