import { z } from 'zod';
import { isJsonObject, type Json } from '../domain/json.ts';
import { describeRef } from '../domain/manifest.ts';
import { isFinal, type Run, type StageRecord } from '../domain/run.ts';
import { SecretMask } from '../domain/secrets/secret-mask.ts';
import { secretsIn } from '../domain/secrets/secrets-in.ts';
import type { ApplyOptions, ClusterClient, Desired, Refusal } from '../ports/kube.ts';
import type { RenderedCluster } from '../render/rendered-cluster.ts';
import { deletionRefused, deletionSettled } from './deletion-settled.ts';
import { inShort } from './in-short.ts';
import { Rendering } from './rendering.ts';
import { defineStep, type StepOutcome } from './step.ts';
import { providerOf, targetOf } from './target.ts';

/**
 * How many objects the calls so far have changed; and how many there are, once all was applied and pruned and post_apply waits. Then it isn't
 * applied again: an object may be listed there and in a manifest too.
 */
const memo = z.object({ changed: z.number(), applied: z.number().exactOptional() }).catch({ changed: 0 });
type Applied = Required<z.infer<typeof memo>>;

/**
 * Brings a cluster to one side's desired state: deletions, guards that go, objects, prune, deletions; nothing of it before it
 * is known that pruning won't be refused. Applying twice changes nothing.
 */
export const apply = defineStep({
  kind: 'apply',
  schema: z.strictObject({ revision: z.enum(['base', 'head']).default('head') }),
  needs: ['git', 'registry', 'facts', 'manifestTools', 'secrets', 'providers', 'kube'],
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
    const objects = rendered.components.flatMap(({ manifests }) => manifests.map(({ object }) => object));
    // An API server quotes what it refuses.
    for (const object of objects) if (isJsonObject(object)) world.secrets.of(run.id).hide([], secretsIn(object));
    const provider = providerOf(cluster, world.providers);
    const client = world.kube.connect(await provider.kubeconfig(cluster.local_id));
    const { realNodes } = await provider.powers(cluster.local_id);
    const options: ApplyOptions = { attempt: attemptOf(run, stage), hooks: realNodes ? 'wait' : 'start' };
    return converge({ client, rendered, options, log, signal }, earlier);
  },
});

/** The same whenever this step is entered again, also after a crash in its first call. */
function attemptOf(run: Run, stage: StageRecord): string {
  const step = stage.steps.filter(({ status }) => isFinal(status)).length;
  return `${run.id} ${stage.name} ${step}`;
}

interface Convergence {
  client: ClusterClient;
  rendered: RenderedCluster;
  options: ApplyOptions;
  log: (text: string) => void;
  signal: AbortSignal;
}

/** What comes last waits with a memo of its own; what is before it is not done again then. */
export async function converge(convergence: Convergence, earlier: Json): Promise<StepOutcome> {
  const { client, rendered, options, log, signal } = convergence;
  const { changed: before, applied: all } = memo.parse(earlier);
  const done = all === undefined ? await applyAndPrune(convergence, before) : { changed: before, applied: all };
  if ('outcome' in done) return done;
  const list = { list: 'post_apply', attempt: options.attempt } as const;
  const deleted = await client.delete(rendered.deletions.postApply, signal, list);
  const after = deletionSettled(deleted, 'deletions.yaml, post_apply', log);
  if (after?.outcome === 'running') return { ...after, memo: done };
  const { applied, changed } = done;
  const output = { version: rendered.version, changed };
  return after ?? { outcome: 'succeeded', summary: `${applied} objects, ${changed} changed`, output };
}

async function applyAndPrune(
  { client, rendered, options, log, signal }: Convergence,
  changedBefore: number,
): Promise<Applied | StepOutcome> {
  const manifests = rendered.components.flatMap(({ manifests }) => manifests);
  const { preApply, postApply } = rendered.deletions;
  const desired: Desired = { revision: rendered.version, manifests, deletions: [...preApply, ...postApply] };
  const { refusals, handovers } = await client.planPrune(desired, signal);
  if (refusals.length > 0) return deletionRefused(refusals, 'pruning', log);
  const list = { list: 'pre_apply', attempt: options.attempt } as const;
  const before = deletionSettled(await client.delete(preApply, signal, list), 'deletions.yaml, pre_apply', log);
  if (before) return before;
  await client.record(desired, signal);
  const guards = deletionSettled(await client.pruneGuards(desired, signal), 'pruning', log);
  if (guards) return guards;
  const applied = await client.apply(manifests, signal, { ...options, handovers });
  const changes = applied.objects.filter(({ change }) => change !== 'unchanged' && change !== 'done');
  for (const { ref, change } of changes) log(`${describeRef(ref)} ${change}`);
  const changed = changedBefore + changes.length;
  if (applied.outcome === 'waiting')
    return { outcome: 'running', progress: applied.reason, retryAfter: 500, memo: { changed } };
  if (applied.outcome === 'refused') return refused(applied.refusals, new SecretMask(rendered.secrets), log);
  const pruned = deletionSettled(await client.prune(desired, signal), 'pruning', log);
  if (pruned?.outcome === 'running') return { ...pruned, memo: { changed } };
  return pruned ?? { applied: applied.objects.length, changed };
}

/** A sentence or two of each; the API server's whole words, in which it repeats what it was sent, are in the log. */
function refused(refusals: readonly Refusal[], mask: SecretMask, log: (text: string) => void): StepOutcome {
  const sentences = refusals.map(({ ref, file, line, message, detail }) => {
    const place = `${describeRef(ref)} (${file}:${line})`;
    if (detail !== undefined) log(mask.text(`${place}: ${detail}`));
    return mask.text(`${place} was refused: ${message}`);
  });
  return { outcome: 'failed', reason: inShort(sentences, log) };
}
