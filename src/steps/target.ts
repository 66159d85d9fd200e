import { type Cluster, cluster as clusterSchema } from '../domain/cluster.ts';
import { FairwayError } from '../domain/errors.ts';
import type { Run, StageRecord } from '../domain/run.ts';
import type { ClusterProvider } from '../ports/cluster-provider.ts';
import { createClusterParameters } from './create-cluster-parameters.ts';
import type { World } from './world.ts';

/** The cluster that a stage works on: one of the registry in a rollout, else the run's own ephemeral one. */
export async function targetOf(run: Run, stage: StageRecord, { registry }: Pick<World, 'registry'>): Promise<Cluster> {
  if (stage.cluster === undefined) return ephemeralCluster(run);
  const found = await registry.get(stage.cluster);
  if (found) return found;
  throw new FairwayError('missing', `the cluster ${stage.cluster} is no longer in the registry`);
}

/** What the registry would say of the run's ephemeral cluster. Its name is the run's id. */
export function ephemeralCluster(run: Run): Cluster {
  const step = run.stages.flatMap(({ steps }) => steps).find(({ kind }) => kind === 'create-cluster');
  if (!step)
    throw new FairwayError('refused', 'the pipeline has no create-cluster step, so the run has no cluster to work on');
  const { provider, configItems } = createClusterParameters.parse(step.with);
  return clusterSchema.parse({
    id: run.id,
    alias: run.id,
    local_id: run.id,
    api_server_url: `https://${run.id}.cluster.local`,
    channel: run.channel,
    environment: 'e2e',
    provider,
    config_items: configItems,
  });
}

export function providerOf(cluster: Cluster, providers: ReadonlyMap<string, ClusterProvider>): ClusterProvider {
  const provider = providers.get(cluster.provider);
  if (provider) return provider;
  const known = [...providers.keys()].join(', ');
  throw new FairwayError(
    'refused',
    `the cluster ${cluster.id} has the provider "${cluster.provider}"; there is only ${known}`,
  );
}
