import { z } from 'zod';
import { duration } from '../domain/duration.ts';
import { describeRef } from '../domain/manifest.ts';
import { defineStep } from './step.ts';
import { providerOf, targetOf } from './target.ts';

/** How long an object must have been failing: a pod may crash once while what it needs is still starting. */
const patience = 5_000;

const memo = z.object({ failingSince: z.record(z.string(), z.number()) }).catch({ failingSince: {} });

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
    if (waiting.length === 0) return { outcome: 'succeeded', summary: `${health.length} objects are healthy` };
    const now = Date.now();
    const { failingSince } = memo.parse(earlier);
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
