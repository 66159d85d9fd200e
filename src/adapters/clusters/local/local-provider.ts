import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FairwayError } from '../../../domain/errors.ts';
import type {
  ClusterProvider,
  ClusterSpec,
  ClusterState,
  ProvidedCluster,
  ProviderPowers,
} from '../../../ports/cluster-provider.ts';
import { withMachineLock } from '../../kubernetes-release/machine-lock.ts';
import { hasCode } from '../error-code.ts';
import { ApiClient } from './api-client.ts';
import { clusterNetwork } from './cluster-network.ts';
import { describePart, isRunning, lastWords, type Part } from './component.ts';
import { controlPlaneParts } from './control-plane.ts';
import { type Host, lookAtHost } from './host.ts';
import { clusterId } from './identity.ts';
import { expectedOf, leaveMachine, makeClusterWithNodes, makeControlPlane, nodeNames } from './local-cluster.ts';
import { nodeParts } from './node.ts';
import { processTable } from './processes.ts';
import { whatIsLacking } from './readiness.ts';
import { type ClusterRecord, foldersIn, readRecord, writeRecord } from './record.ts';
import type { KubernetesRelease } from './release.ts';
import { removeCluster } from './remove-cluster.ts';

export interface LocalOptions {
  /** Clusters live in `<stateDirectory>/clusters/<name>`. */
  stateDirectory: string;
  /** What is made once per machine, such as unpacked images, is kept here. */
  cacheDirectory: string;
  /** Asked only when a cluster is to be made. */
  release: (testImages: 'light' | 'full') => Promise<KubernetesRelease>;
  /** What this machine can do; looked at when absent. */
  host?: () => Promise<Host>;
}

/** Real clusters from upstream Kubernetes programs, run as processes of this machine. */
export function localProvider(options: LocalOptions): ClusterProvider {
  return new LocalProvider(options);
}

class LocalProvider implements ClusterProvider {
  readonly kind = 'local';
  readonly #clusters: string;
  readonly #state: string;
  readonly #options: LocalOptions;

  constructor(options: LocalOptions) {
    this.#options = options;
    this.#state = resolve(options.stateDirectory);
    this.#clusters = join(this.#state, 'clusters');
  }

  async powers(name: string): Promise<ProviderPowers> {
    const { powers } = await this.#host();
    const record = await readRecord(this.#folder(name));
    return record === undefined ? powers : powersOfMade(record, powers);
  }

  async ensure(spec: ClusterSpec, signal: AbortSignal): Promise<ClusterState> {
    checkName(spec.name);
    let progress = 'it is being made';
    const told = (sentence: string) => {
      progress = sentence;
    };
    try {
      const waiting = () => told('another process is at work on it');
      return await withMachineLock(this.#lock(spec.name), { signal, waiting }, () => this.#make(spec, told, signal));
    } catch (error) {
      if (!signal.aborted) throw error;
      return { phase: 'creating', progress };
    }
  }

  async describe(name: string): Promise<ClusterState> {
    const folder = this.#folder(name);
    const record = await readRecord(folder);
    if (record === undefined) return { phase: 'absent' };
    if (record.deleting) return { phase: 'deleting', left: [folder] };
    const table = await processTable();
    const dead = partsOf(folder, record).find((part) => !isRunning(part, table));
    if (dead !== undefined) {
      const sentence = `${describePart(dead)} is not running`;
      if (!record.wasReady) return { phase: 'creating', progress: sentence };
      return { phase: 'failed', reason: `${sentence}: ${await lastWords(dead)}` };
    }
    const lack = await lackOf(folder, record);
    return lack === undefined ? { phase: 'ready' } : { phase: 'creating', progress: lack };
  }

  async kubeconfig(name: string): Promise<string> {
    try {
      return await readFile(join(this.#folder(name), 'control-plane', 'admin.kubeconfig'), 'utf8');
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
      const known = (await this.list()).map((cluster) => cluster.name).join(', ') || 'none';
      throw new FairwayError('missing', `There is no local cluster ${name}. Clusters here: ${known}.`);
    }
  }

  async delete(name: string, signal: AbortSignal): Promise<ClusterState> {
    checkName(name);
    const folder = this.#folder(name);
    try {
      return await withMachineLock(this.#lock(name), { signal, waiting: () => {} }, async () => {
        const record = await readRecord(folder);
        if (record !== undefined) await writeRecord(folder, { ...record, deleting: true });
        const left = await removeCluster(folder, clusterId(this.#state, name), signal);
        if (left.length > 0) return { phase: 'deleting', left };
        await leaveMachine(signal);
        return { phase: 'absent' };
      });
    } catch (error) {
      if (!signal.aborted) throw error;
      return { phase: 'deleting', left: [folder] };
    }
  }

  async list(): Promise<ProvidedCluster[]> {
    const clusters: ProvidedCluster[] = [];
    for (const name of await foldersIn(this.#clusters)) {
      const record = await readRecord(this.#folder(name));
      if (record === undefined) continue;
      const { owner, expiresAt } = record;
      const state = await this.describe(name);
      clusters.push({ name, owner, expiresAt: expiresAt === null ? undefined : new Date(expiresAt), state });
    }
    return clusters;
  }

  async #make(spec: ClusterSpec, told: (sentence: string) => void, signal: AbortSignal): Promise<ClusterState> {
    const folder = this.#folder(spec.name);
    const kept = await readRecord(folder);
    if (kept?.deleting) return { phase: 'deleting', left: [folder] };
    const host = await this.#host();
    const nodes = host.powers.realNodes ? spec.nodes : 0;
    if (kept !== undefined && kept.nodes !== nodes) {
      throw new FairwayError(
        'conflict',
        `The cluster ${spec.name} has ${kept.nodes} nodes, not ${nodes}. Delete it, or ask for it as it is.`,
      );
    }
    const release = await this.#options.release(spec.testImages ?? 'light');
    const record = recordOf({ ...spec, nodes }, release.version, kept);
    await writeRecord(folder, record);
    const imageCache = join(this.#options.cacheDirectory, 'node-images');
    const making = { folder, id: clusterId(this.#state, spec.name), record, release, host, imageCache, told };
    const state = await (nodes === 0 ? makeControlPlane : makeClusterWithNodes)(making, signal);
    const made = await readRecord(folder);
    if (state.phase === 'ready' && made !== undefined && !made.wasReady)
      await writeRecord(folder, { ...made, wasReady: true });
    return state;
  }

  #host(): Promise<Host> {
    return (this.#options.host ?? lookAtHost)();
  }

  #folder(name: string): string {
    return join(this.#clusters, name);
  }

  #lock(name: string): string {
    return join(this.#clusters, '.locks', name);
  }
}

function recordOf(spec: ClusterSpec, version: string, kept: ClusterRecord | undefined): ClusterRecord {
  const { name, nodes, owner } = spec;
  const expiresAt = spec.expiresAt?.toISOString() ?? null;
  const fresh = { version, block: null, ports: null, wasReady: false, deleting: false };
  return { ...fresh, ...kept, name, nodes, owner, expiresAt };
}

/** A cluster has what it was made with, whatever the machine has become since. */
function powersOfMade({ nodes }: ClusterRecord, host: ProviderPowers): ProviderPowers {
  const realNodes = nodes > 0;
  if (realNodes === host.realNodes) return host;
  const missing = realNodes ? [] : ['This cluster was made without nodes: it is a control plane.'];
  return { ...host, realNodes, severalNodes: realNodes, missing: [...missing, ...host.missing] };
}

function partsOf(folder: string, { nodes }: ClusterRecord): Part[] {
  const ofNodes = nodeNames(nodes).flatMap((name) => nodeParts(join(folder, name)));
  return [...controlPlaneParts(join(folder, 'control-plane'), nodes), ...ofNodes];
}

async function lackOf(folder: string, { nodes, block, ports }: ClusterRecord): Promise<string | undefined> {
  const pki = join(folder, 'pki');
  if (ports !== null) return whatIsLacking(new ApiClient(`https://127.0.0.1:${ports.api}`, pki), undefined);
  if (block === null) return 'it has no network yet';
  const network = clusterNetwork(block);
  return whatIsLacking(new ApiClient(`https://${network.controlPlane}:6443`, pki), expectedOf(folder, network, nodes));
}

function checkName(name: string): void {
  if (/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name)) return;
  throw new FairwayError(
    'refused',
    `${JSON.stringify(name)} is no name for a cluster: use up to 40 lower-case letters, digits and dashes, with a letter or digit at both ends.`,
  );
}
