import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { lookAtHost } from '../src/adapters/clusters/local/host.ts';
import { localProvider } from '../src/adapters/clusters/local/local-provider.ts';
import { cacheFolder } from '../src/adapters/kubernetes-release/cache-folder.ts';
import { findBinary } from '../src/adapters/kubernetes-release/find-binary.ts';
import { type PreparedRelease, prepareRelease } from '../src/adapters/kubernetes-release/prepare-release.ts';
import { messageOf } from '../src/domain/errors.ts';
import type { ClusterProvider } from '../src/ports/cluster-provider.ts';
import { median } from './median.ts';

const rounds = 5;
const deadlineMs = 120_000;

/** Makes a cluster, and answers how many milliseconds it took until it was ready. */
type Maker = (round: number) => Promise<number>;

/** `npm run bench -- cluster`: time to a ready cluster, beside kwokctl's with the same programs. */
export async function benchCluster(print: (line: string) => void = console.log): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-bench-'));
  const signal = AbortSignal.timeout(30 * 60_000);
  try {
    const release = await prepareRelease({ imageSet: 'light', report: print, signal });
    const provider = localProvider({
      stateDirectory: directory,
      cacheDirectory: cacheFolder(),
      release: async () => release,
    });
    const makers = new Map<string, Maker>([
      ['local, control plane without nodes', (round) => ours(provider, 0, round)],
    ]);
    const kwokctl = await kwokctlOf(print, signal);
    if (kwokctl !== undefined)
      makers.set('kwokctl, control plane without nodes', () => theirs(kwokctl, directory, release));
    if ((await lookAtHost()).powers.realNodes)
      makers.set('local, one node, pods and DNS', (round) => ours(provider, 1, round));
    const times = await alternate(makers);
    for (const [name, taken] of times) print(`${name.padEnd(38)} ${shown(taken)}`);
    const [local = [], kwok] = [...times.values()];
    if (kwokctl !== undefined && kwok !== undefined)
      print(`ratio to kwokctl, control plane: ${(median(local) / median(kwok)).toFixed(2)}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function alternate(makers: ReadonlyMap<string, Maker>): Promise<Map<string, number[]>> {
  const times = new Map([...makers.keys()].map((name) => [name, [] as number[]]));
  // Whatever comes first pays for reading the programs from the disk.
  for (const make of makers.values()) await make(0);
  for (let round = 1; round <= rounds; round++)
    for (const [name, make] of makers) times.get(name)?.push(await make(round));
  return times;
}

async function ours(provider: ClusterProvider, nodes: number, round: number): Promise<number> {
  const name = `bench-${nodes}-${round}`;
  const start = performance.now();
  const spec = { name, nodes, owner: 'bench', expiresAt: undefined };
  const state = await provider.ensure(spec, AbortSignal.timeout(deadlineMs));
  const taken = performance.now() - start;
  const after = await provider.delete(name, AbortSignal.timeout(deadlineMs));
  if (state.phase !== 'ready') throw new Error(`the cluster is not ready but ${JSON.stringify(state)}`);
  if (after.phase !== 'absent') throw new Error(`the cluster ${name} is not gone but ${JSON.stringify(after)}`);
  return taken;
}

/** Without its own controller, which simulates nodes. */
async function theirs(kwokctl: string, directory: string, release: PreparedRelease): Promise<number> {
  const env = { KWOK_WORKDIR: join(directory, 'kwok'), KUBECONFIG: join(directory, 'kwok.kubeconfig') };
  const programs = (['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const).flatMap(
    (name) => [`--${name}-binary`, release.binary(name)],
  );
  const cluster = ['cluster', '--name', 'bench', '--kubeconfig', env.KUBECONFIG];
  const create = ['--runtime', 'binary', '--disable', 'kwok-controller', '--wait', '120s', ...programs];
  const start = performance.now();
  try {
    await execa(kwokctl, ['create', ...cluster, ...create], { env, timeout: deadlineMs });
    return performance.now() - start;
  } finally {
    await execa(kwokctl, ['delete', ...cluster], { env, timeout: deadlineMs });
  }
}

async function kwokctlOf(print: (line: string) => void, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await findBinary('kwokctl', { report: print, signal });
  } catch (error) {
    print(`kwokctl can't be had, no comparison: ${messageOf(error)}`);
    return undefined;
  }
}

function shown(times: readonly number[]): string {
  const seconds = (time: number) => (time / 1000).toFixed(2);
  return `${seconds(median(times)).padStart(6)} s  (${times.map(seconds).join(', ')})`;
}

if (import.meta.main) await benchCluster();
