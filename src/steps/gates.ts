import { z } from 'zod';
import type { GateWord } from '../domain/channel.ts';
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
    const clusters = await clustersBehind(run, stage, world);
    const looks = await Promise.all(clusters.map((cluster) => look(cluster, words, world, signal)));
    const closed = looks.flatMap((one) => one.closed);
    const leftOut = looks.flatMap((one) => one.leftOut);
    if (closed.length > 0) return { outcome: 'running', progress: closed.join('\n'), retryAfter: 2_000 };
    return {
      outcome: 'succeeded',
      summary: `open for ${clusters.length} clusters: ${words.join(', ')}`,
      output: { leftOut },
    };
  },
});

/** What the gates say of one cluster, in sentences. */
async function look(
  cluster: Cluster,
  words: readonly GateWord[],
  world: Pick<World, 'providers' | 'kube' | 'gates'>,
  signal: AbortSignal,
): Promise<{ closed: string[]; leftOut: string[] }> {
  const provider = providerOf(cluster, world.providers);
  const { realNodes } = await provider.powers(cluster.local_id);
  const asked = words.filter((word) => realNodes || word === 'api');
  const unasked = words.filter((word) => !asked.includes(word));
  const client = world.kube.connect(await provider.kubeconfig(cluster.local_id));
  const closed: string[] = [];
  for (const word of asked) {
    const verdict = await world.gates[word](client, signal);
    if (verdict.gate === 'closed') closed.push(`gate ${word} of ${cluster.id} is closed: ${verdict.reason}`);
  }
  const leftOut = unasked.length > 0 ? [`the gates ${unasked.join(', ')} of ${cluster.id}: it has no nodes`] : [];
  return { closed, leftOut };
}

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
