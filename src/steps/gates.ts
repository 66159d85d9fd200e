import { z } from 'zod';
import type { Cluster } from '../domain/cluster.ts';
import { duration } from '../domain/duration.ts';
import { FairwayError } from '../domain/errors.ts';
import type { Run, StageRecord } from '../domain/run.ts';
import { defineStep } from './step.ts';
import { providerOf, targetOf } from './target.ts';
import type { World } from './world.ts';

/** Waits until every gate that the channel lists is open for every cluster that the stage stands for. */
export const gates = defineStep({
  kind: 'gates',
  schema: z.strictObject({ timeout: duration.prefault('10m') }),
  needs: ['registry', 'providers', 'kube', 'gates'],
  deadline: ({ timeout }) => timeout,
  late: 'failed',
  async run({ run, stage, world, signal }) {
    const words = run.policy.rollout.gates;
    if (words.length === 0) return { outcome: 'skipped', reason: `the channel ${run.channel} lists no gates` };
    const closed: string[] = [];
    const leftOut: string[] = [];
    const clusters = await clustersBehind(run, stage, world);
    for (const cluster of clusters) {
      const provider = providerOf(cluster, world.providers);
      const { realNodes } = await provider.powers(cluster.local_id);
      const asked = words.filter((word) => realNodes || word === 'api');
      const unasked = words.filter((word) => !asked.includes(word));
      if (unasked.length > 0) leftOut.push(`the gates ${unasked.join(', ')} of ${cluster.id}: it has no nodes`);
      const client = world.kube.connect(await provider.kubeconfig(cluster.local_id));
      for (const word of asked) {
        const verdict = await world.gates[word](client, signal);
        if (verdict.gate === 'closed') closed.push(`gate ${word} of ${cluster.id} is closed: ${verdict.reason}`);
      }
    }
    if (closed.length > 0) return { outcome: 'running', progress: closed.join('\n'), retryAfter: 2_000 };
    return {
      outcome: 'succeeded',
      summary: `open for ${clusters.length} clusters: ${words.join(', ')}`,
      output: { leftOut },
    };
  },
});

/** A wave's own stage stands for the clusters of the wave that converged; any other for the one it works on. */
async function clustersBehind(run: Run, stage: StageRecord, world: Pick<World, 'registry'>): Promise<Cluster[]> {
  if (stage.cluster !== undefined || stage.wave === undefined) return [await targetOf(run, stage, world)];
  const ids = run.stages.flatMap(({ wave, cluster, status }) =>
    wave === stage.wave && cluster !== undefined && status === 'succeeded' ? [cluster] : [],
  );
  const found: Cluster[] = [];
  for (const id of new Set(ids)) {
    const cluster = await world.registry.get(id);
    if (!cluster) throw new FairwayError('missing', `the cluster ${id} is no longer in the registry`);
    found.push(cluster);
  }
  return found;
}
