import { z } from 'zod';
import { duration } from '../domain/duration.ts';
import { describeRef } from '../domain/manifest.ts';
import { defineStep } from './step.ts';
import { providerOf, targetOf } from './target.ts';

/** How long an object must have been failing: a pod may crash once while what it needs is still starting. */
const patience = 5_000;

/** How long everything must stay healthy: a container without a probe counts as ready for the moment before it crashes. */
const steady = 3_000;

const memo = z
  .object({ failingSince: z.record(z.string(), z.number()), healthySince: z.number().optional() })
  .catch({ failingSince: {} });

/** Waits until everything that was applied is healthy; stops early when something can't get so by waiting. */
export const waitForHealth = defineStep({
  kind: 'wait-for-health',
  schema: z.strictObject({ timeout: duration.prefault('5m') }),
  needs: ['registry', 'providers', 'kube'],
  deadline: ({ timeout }) => timeout,
  late: 'failed',
  async run({ run, stage, world, signal, memo: earlier }) {
    const cluster = await targetOf(run, stage, world);
    const client = world.kube.connect(await providerOf(cluster, world.providers).kubeconfig(cluster.local_id));
    const inventory = await client.inventory(signal);
    if (!inventory) return { outcome: 'unknown', reason: `nothing was ever applied to ${cluster.id}` };
    const health = await client.health(inventory.objects, signal);
    const waiting = health.filter(({ health }) => health !== 'ready');
    const now = Date.now();
    const { failingSince, healthySince = now } = memo.parse(earlier);
    if (waiting.length === 0) {
      if (now - healthySince >= steady)
        return { outcome: 'succeeded', summary: `${health.length} objects are healthy` };
      const progress = `all ${health.length} objects are healthy; making sure that they stay so`;
      return { outcome: 'running', progress, retryAfter: 1_000, memo: { failingSince: {}, healthySince } };
    }
    const failing = Object.fromEntries(
      waiting
        .filter(({ health }) => health === 'failed')
        .map(({ ref }) => [describeRef(ref), failingSince[describeRef(ref)] ?? now]),
    );
    const sentences = waiting.map(({ reason }) => reason);
    if (Object.values(failing).some((since) => now - since >= patience))
      return { outcome: 'failed', reason: sentences.join('\n') };
    return { outcome: 'running', progress: sentences.join('\n'), retryAfter: 1_000, memo: { failingSince: failing } };
  },
});
