import { z } from 'zod';
import { describeRef, refOf } from '../domain/manifest.ts';
import type { ClusterClient, DeleteOutcome } from '../ports/kube.ts';
import type { RenderedCluster } from '../render/rendered-cluster.ts';
import { Rendering } from './rendering.ts';
import { defineStep, type StepOutcome } from './step.ts';
import { providerOf, targetOf } from './target.ts';

/** Brings a cluster to one side's desired state: deletions, objects, prune, deletions. Applying twice changes nothing. */
export const apply = defineStep({
  kind: 'apply',
  schema: z.strictObject({ revision: z.enum(['base', 'head']).default('head') }),
  needs: ['git', 'registry', 'facts', 'manifestTools', 'providers', 'kube'],
  deadline: 10 * 60_000,
  late: 'failed',
  async run({ run, stage, world, signal, log }, { revision }) {
    const cluster = await targetOf(run, stage, world);
    const rendering = await Rendering.open(run, revision, world, signal);
    if (!rendering) return { outcome: 'skipped', reason: 'there is no base yet' };
    const rendered = await rendering.requireRendered(cluster);
    if (rendered.stacks.length > 0)
      log(
        `${rendered.stacks.length} CloudFormation stacks are rendered but not applied: the provider ${cluster.provider} has none`,
      );
    if (stage.cluster !== undefined && cluster.status.next_version !== rendered.version)
      await world.registry.update(cluster.id, (record) => ({
        ...record,
        status: { ...record.status, next_version: rendered.version },
      }));
    const client = world.kube.connect(await providerOf(cluster, world.providers).kubeconfig(cluster.local_id));
    return converge(client, rendered, log, signal);
  },
});

async function converge(
  client: ClusterClient,
  rendered: RenderedCluster,
  log: (text: string) => void,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const manifests = rendered.components.flatMap(({ manifests }) => manifests);
  const wanted = manifests.map(({ object }) => refOf(object));
  const before = settled(await client.delete(rendered.deletions.preApply, signal), 'deletions.yaml, pre_apply');
  if (before) return before;
  await client.record(wanted, rendered.version, signal);
  const applied = await client.apply(manifests, signal);
  if (applied.outcome === 'waiting') return { outcome: 'running', progress: applied.reason, retryAfter: 500 };
  if (applied.outcome === 'refused') {
    const sentences = applied.refusals.map(
      ({ ref, file, line, message }) => `${describeRef(ref)} (${file}:${line}) was refused: ${message}`,
    );
    return { outcome: 'failed', reason: sentences.join('\n') };
  }
  const changed = applied.objects.filter(({ change }) => change !== 'unchanged');
  for (const { ref, change } of changed) log(`${describeRef(ref)} ${change}`);
  const pruned = settled(await client.prune(wanted, rendered.version, signal), 'pruning');
  if (pruned) return pruned;
  const after = settled(await client.delete(rendered.deletions.postApply, signal), 'deletions.yaml, post_apply');
  if (after) return after;
  return {
    outcome: 'succeeded',
    summary: `${applied.objects.length} objects, ${changed.length} changed`,
    output: { version: rendered.version, changed: changed.length },
  };
}

/** Undefined when the deletion is done. */
function settled(deletion: DeleteOutcome, what: string): StepOutcome | undefined {
  if (deletion.outcome === 'deleted') return undefined;
  if (deletion.outcome === 'refused') return { outcome: 'failed', reason: `${what}: ${deletion.message}` };
  return {
    outcome: 'running',
    progress: `${what}: waiting for ${deletion.left.map(describeRef).join(', ')}`,
    retryAfter: 500,
  };
}
