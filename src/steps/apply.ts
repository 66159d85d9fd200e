import { z } from 'zod';
import { describeRef, refOf } from '../domain/manifest.ts';
import { isFinal, type Run, type StageRecord } from '../domain/run.ts';
import type { ApplyOptions, ClusterClient, DeleteOutcome, Refusal } from '../ports/kube.ts';
import type { RenderedCluster } from '../render/rendered-cluster.ts';
import { Rendering } from './rendering.ts';
import { defineStep, type StepOutcome } from './step.ts';
import { providerOf, targetOf } from './target.ts';

/** What was applied and pruned, while post_apply waits. It isn't applied again: an object may be listed there and in a manifest too. */
const memo = z.object({ applied: z.number(), changed: z.number() }).nullable().catch(null);
type Applied = NonNullable<z.infer<typeof memo>>;

/** More sentences than people read; all are in the log. */
const MAX_REFUSALS = 10;

/** Brings a cluster to one side's desired state: deletions, objects, prune, deletions. Applying twice changes nothing. */
export const apply = defineStep({
  kind: 'apply',
  schema: z.strictObject({ revision: z.enum(['base', 'head']).default('head') }),
  needs: ['git', 'registry', 'facts', 'manifestTools', 'providers', 'kube'],
  deadline: 10 * 60_000,
  late: 'failed',
  async run({ run, stage, world, signal, log, memo: earlier }, { revision }) {
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
    const provider = providerOf(cluster, world.providers);
    const client = world.kube.connect(await provider.kubeconfig(cluster.local_id));
    const { realNodes } = await provider.powers(cluster.local_id);
    const options: ApplyOptions = { attempt: attemptOf(run, stage), hooks: realNodes ? 'wait' : 'start' };
    const applied = memo.parse(earlier) ?? (await converge(client, rendered, options, log, signal));
    return 'outcome' in applied ? applied : deleteAfter(client, rendered, options, applied, signal);
  },
});

/** The same whenever this step is entered again, also after a crash in its first call. */
function attemptOf(run: Run, stage: StageRecord): string {
  const step = stage.steps.filter(({ status }) => isFinal(status)).length;
  return `${run.id} ${stage.name} ${step}`;
}

async function converge(
  client: ClusterClient,
  rendered: RenderedCluster,
  options: ApplyOptions,
  log: (text: string) => void,
  signal: AbortSignal,
): Promise<Applied | StepOutcome> {
  const manifests = rendered.components.flatMap(({ manifests }) => manifests);
  const wanted = manifests.map(({ object }) => refOf(object));
  const { attempt } = options;
  const { preApply } = rendered.deletions;
  const deleted = await client.delete(preApply, signal, { list: 'pre_apply', attempt });
  const before = settled(deleted, 'deletions.yaml, pre_apply');
  if (before) return before;
  await client.record(wanted, rendered.version, signal);
  const applied = await client.apply(manifests, signal, options);
  if (applied.outcome === 'waiting') return { outcome: 'running', progress: applied.reason, retryAfter: 500 };
  if (applied.outcome === 'refused') return refused(applied.refusals, log);
  const changed = applied.objects.filter(({ change }) => change !== 'unchanged' && change !== 'done');
  for (const { ref, change } of changed) log(`${describeRef(ref)} ${change}`);
  const pruned = settled(await client.prune(wanted, rendered.version, signal), 'pruning');
  if (pruned) return pruned;
  return { applied: applied.objects.length, changed: changed.length };
}

/** The last thing to do; while it waits nothing else is done again. */
async function deleteAfter(
  client: ClusterClient,
  { deletions, version }: RenderedCluster,
  { attempt }: ApplyOptions,
  { applied, changed }: Applied,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const deleted = await client.delete(deletions.postApply, signal, { list: 'post_apply', attempt });
  const after = settled(deleted, 'deletions.yaml, post_apply');
  if (after?.outcome === 'running') return { ...after, memo: { applied, changed } };
  const summary = `${applied} objects, ${changed} changed`;
  return after ?? { outcome: 'succeeded', summary, output: { version, changed } };
}

/** A sentence or two of each; the API server's whole words are in the log. */
function refused(refusals: readonly Refusal[], log: (text: string) => void): StepOutcome {
  const sentences = refusals.map(({ ref, file, line, message, detail }) => {
    const place = `${describeRef(ref)} (${file}:${line})`;
    if (detail !== undefined) log(`${place}: ${detail}`);
    return `${place} was refused: ${message}`;
  });
  if (sentences.length <= MAX_REFUSALS) return { outcome: 'failed', reason: sentences.join('\n') };
  for (const sentence of sentences.slice(MAX_REFUSALS)) log(sentence);
  const more = `and ${sentences.length - MAX_REFUSALS} more, which are in the log`;
  return { outcome: 'failed', reason: [...sentences.slice(0, MAX_REFUSALS), more].join('\n') };
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
