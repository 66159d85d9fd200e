import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterState } from '../../../ports/cluster-provider.ts';
import { type Component, describePart, isRunning, lastWords, logFile } from './component.ts';
import { processTable, startDetached } from './processes.ts';

/** A cluster's programs, and how to learn what it still lacks. */
export interface Convergence {
  components: Component[];
  /** The command as it is run in the component's machine. */
  place(component: Component): string[];
  apiAnswers(): Promise<boolean>;
  /** What is done once the API server answers; repeatable. */
  onApi(): Promise<void>;
  lacking(): Promise<string | undefined>;
}

const pollMs = 100;
const attempts = 3;
const pauseBetweenAttemptsMs = 1000;

/**
 * Starts what does not run, until the cluster is ready, the signal ends, or a program has died three times. `told` hears what
 * is being waited for.
 */
export async function converge(
  cluster: Convergence,
  told: (progress: string) => void,
  signal: AbortSignal,
): Promise<ClusterState> {
  const starts = new Map<Component, { count: number; at: number }>();
  let apiIsUp = false;
  let asking: Promise<boolean> | undefined;
  for (;;) {
    if (!apiIsUp) {
      // A server without its etcd takes seconds to answer, and a program that died is to be seen meanwhile.
      asking ??= cluster.apiAnswers();
      const answer = await Promise.race([asking, sleep(pollMs, undefined, { signal })]);
      if (answer !== undefined) asking = undefined;
      if (answer) {
        apiIsUp = true;
        await Promise.all([startMissing(cluster, starts, apiIsUp), cluster.onApi()]);
      }
    }
    const { missing, hopeless } = await startMissing(cluster, starts, apiIsUp);
    if (hopeless !== undefined) {
      return {
        phase: 'failed',
        reason: `${describePart(hopeless)} died ${attempts} times: ${await lastWords(hopeless)}`,
      };
    }
    const lack = apiIsUp && missing.length === 0 ? await cluster.lacking() : 'the API server does not answer yet';
    if (lack === undefined) return { phase: 'ready' };
    told(lack);
    await sleep(pollMs, undefined, { signal });
  }
}

async function startMissing(
  { components, place }: Convergence,
  starts: Map<Component, { count: number; at: number }>,
  apiIsUp: boolean,
): Promise<{ missing: Component[]; hopeless: Component | undefined }> {
  const table = await processTable();
  const missing = components.filter((component) => !isRunning(component, table));
  for (const component of missing) {
    if (component.needs === 'api' && !apiIsUp) continue;
    const { count, at } = starts.get(component) ?? { count: 0, at: 0 };
    if (Date.now() - at < pauseBetweenAttemptsMs) continue;
    if (count === attempts) return { missing, hopeless: component };
    starts.set(component, { count: count + 1, at: Date.now() });
    for (const folder of [component.folder, component.env.TMPDIR]) if (folder) await mkdir(folder, { recursive: true });
    await startDetached(place(component), logFile(component), component.env);
  }
  return { missing, hopeless: undefined };
}
