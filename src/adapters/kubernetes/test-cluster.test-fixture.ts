import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterProvider, ClusterState } from '../../ports/cluster-provider.ts';
import { localProvider } from '../clusters/local/local-provider.ts';
import { clusterBinaries, controlPlaneBinaries } from '../kubernetes-release/binary.ts';
import { cacheFolder } from '../kubernetes-release/cache-folder.ts';
import { prepareRelease } from '../kubernetes-release/prepare-release.ts';

export interface TestCluster {
  kubeconfig: string;
  /** Pods really run; without root they don't. */
  realNodes: boolean;
  stop(): Promise<void>;
}

const LEASE_MS = 15 * 60_000;

/** A real cluster; `nodes: 0` is a control plane only. What tests that were killed left behind is removed first. */
export async function startTestCluster({ nodes }: { nodes: 0 | 1 }): Promise<TestCluster> {
  const signal = AbortSignal.timeout(10 * 60_000);
  const provider = localProvider({
    stateDirectory: join(tmpdir(), 'fairway-kubernetes-tests'),
    cacheDirectory: cacheFolder(),
    release: () =>
      prepareRelease({
        report: () => {},
        signal,
        imageSet: nodes === 0 ? 'none' : 'light',
        binaries: nodes === 0 ? controlPlaneBinaries : clusterBinaries,
      }),
  });
  await removeExpired(provider, signal);
  const name = `kube-${randomBytes(4).toString('hex')}`;
  const stop = () => remove(provider, name);
  const spec = { name, nodes, owner: 'tests', expiresAt: new Date(Date.now() + LEASE_MS) };
  try {
    await until('ready', () => provider.ensure(spec, signal), signal);
    const { realNodes } = await provider.powers(name);
    return { kubeconfig: await provider.kubeconfig(name), realNodes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function removeExpired(provider: ClusterProvider, signal: AbortSignal): Promise<void> {
  const now = Date.now();
  const expired = (await provider.list()).filter(
    ({ expiresAt }) => expiresAt !== undefined && expiresAt.getTime() < now,
  );
  for (const { name } of expired) await provider.delete(name, signal);
}

async function remove(provider: ClusterProvider, name: string): Promise<void> {
  const signal = AbortSignal.timeout(60_000);
  await until('absent', () => provider.delete(name, signal), signal);
}

async function until(
  phase: ClusterState['phase'],
  look: () => Promise<ClusterState>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const state = await look();
    if (state.phase === phase) return;
    if (state.phase === 'failed') throw new Error(state.reason);
    await sleep(200, undefined, { signal });
  }
}
