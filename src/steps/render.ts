import { z } from 'zod';
import type { Cluster } from '../domain/cluster.ts';
import { describeRefusal } from '../render/refusal.ts';
import { clustersOf } from './clusters-of.ts';
import { Rendering } from './rendering.ts';
import { defineStep } from './step.ts';
import { specimenId } from './target.ts';

/** Renders everything for every cluster of the channel, before anything happens to any of them. */
export const render = defineStep({
  kind: 'render',
  schema: z.strictObject({}),
  needs: ['git', 'registry', 'facts', 'manifestTools', 'secrets'],
  deadline: 5 * 60_000,
  late: 'errored',
  async run({ run, world, signal, log }) {
    const rendering = await Rendering.open(run, 'head', world, signal);
    const clusters = await clustersOf(run, world);
    const refusals = new Map<string, string[]>();
    let objects = 0;
    for (const cluster of clusters) {
      const rendered = await rendering?.render(cluster);
      for (const { manifests } of rendered?.components ?? []) objects += manifests.length;
      for (const refusal of rendered?.refusals ?? []) {
        const text = describeRefusal(refusal);
        refusals.set(text, [...(refusals.get(text) ?? []), cluster.id]);
      }
    }
    if (refusals.size > 0) {
      for (const [text, ids] of refusals) log(`${text}\n(clusters: ${ids.join(', ')})`);
      return { outcome: 'failed', reason: [...refusals.keys()].join('\n') };
    }
    return { outcome: 'succeeded', summary: `${objects} objects for ${whom(clusters, run.channel)}` };
  },
});

function whom(clusters: readonly Cluster[], channel: string): string {
  if (clusters[0]?.id === specimenId) return `a specimen: the channel ${channel} has no cluster yet`;
  return `${clusters.length} ${clusters.length === 1 ? 'cluster' : 'clusters'}`;
}
