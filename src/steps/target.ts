import type { z } from 'zod';
import { type Cluster, cluster as clusterSchema } from '../domain/cluster.ts';
import { FairwayError } from '../domain/errors.ts';
import type { Run, StageRecord } from '../domain/run.ts';
import type { ClusterProvider } from '../ports/cluster-provider.ts';
import { createClusterParameters } from './create-cluster-parameters.ts';
import type { World } from './world.ts';

export const specimenId = 'specimen';

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
  return likeRegistered(run, run.id, createClusterParameters.parse(step.with));
}

/** Stands for the clusters of a channel that has none yet, so that what does not render is found out all the same. */
export function specimenCluster(
  run: Pick<Run, 'channel'>,
  parameters: z.input<typeof createClusterParameters> = {},
): Cluster {
  return likeRegistered(run, specimenId, createClusterParameters.parse(parameters));
}

function likeRegistered(
  { channel }: Pick<Run, 'channel'>,
  id: string,
  { provider, configItems }: z.output<typeof createClusterParameters>,
): Cluster {
  return clusterSchema.parse({
    id,
    alias: id,
    local_id: id,
    api_server_url: `https://${id}.cluster.local`,
    channel,
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
