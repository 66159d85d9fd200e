import { z } from 'zod';
import { duration } from '../domain/duration.ts';
import { describeRef } from '../domain/manifest.ts';
import type { ProviderPowers } from '../ports/cluster-provider.ts';
import type { ObjectHealth } from '../ports/kube.ts';
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
    const provider = providerOf(cluster, world.providers);
    const client = world.kube.connect(await provider.kubeconfig(cluster.local_id));
    const inventory = await client.inventory(signal);
    if (!inventory) return { outcome: 'unknown', reason: `nothing was ever applied to ${cluster.id}` };
    const health = await client.health(inventory.objects, signal);
    const powers = await provider.powers(cluster.local_id);
    const notReady = health.filter(({ health }) => health !== 'ready');
    const leftOut = notReady.filter(({ needs }) => !has(powers, needs));
    const waiting = notReady.filter((object) => !leftOut.includes(object));
    const now = Date.now();
    const { failingSince, healthySince = now } = memo.parse(earlier);
    if (waiting.length === 0) {
      const healthy = `${health.length - leftOut.length} objects are healthy`;
      if (now - healthySince >= steady)
        return { outcome: 'succeeded', summary: healthy, output: { leftOut: sentences(leftOut) } };
      const progress = `all ${healthy}; making sure that they stay so`;
      return { outcome: 'running', progress, retryAfter: 1_000, memo: { failingSince: {}, healthySince } };
    }
    const failing = Object.fromEntries(
      waiting
        .filter(({ health }) => health === 'failed')
        .map(({ ref }) => [describeRef(ref), failingSince[describeRef(ref)] ?? now]),
    );
    const reasons = waiting.map(({ reason }) => reason).join('\n');
    if (Object.values(failing).some((since) => now - since >= patience)) return { outcome: 'failed', reason: reasons };
    return { outcome: 'running', progress: reasons, retryAfter: 1_000, memo: { failingSince: failing } };
  },
});

function has({ realNodes, loadBalancers }: ProviderPowers, needed: ObjectHealth['needs']): boolean {
  return needed === 'nodes' ? realNodes : needed !== 'load balancers' || loadBalancers;
}

/** What can't get healthy on such a cluster, by what it lacks. */
function sentences(objects: readonly ObjectHealth[]): string[] {
  return [...Map.groupBy(objects, ({ needs }) => needs)].map(([needs, those]) => {
    const names = those.map(({ ref }) => describeRef(ref)).join(', ');
    return `the health of ${names}: the cluster has no ${needs}`;
  });
}
