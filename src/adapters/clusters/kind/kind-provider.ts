import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { z } from 'zod';
import { FairwayError, messageOf } from '../../../domain/errors.ts';
import type {
  ClusterProvider,
  ClusterSpec,
  ClusterState,
  ProvidedCluster,
  ProviderPowers,
} from '../../../ports/cluster-provider.ts';
import { readJsonFile, writeWhole } from '../whole-file.ts';

export interface KindOptions {
  /** What Fairway knows of its kind clusters is kept in `<stateDirectory>/kind`. */
  stateDirectory: string;
}

const lease = z.object({ owner: z.string(), expiresAt: z.iso.datetime().nullable() });

const describeMs = 30_000;

/** Clusters in Docker containers, made by the `kind` command. */
export function kindProvider(options: KindOptions): ClusterProvider {
  return new KindProvider(options);
}

class KindProvider implements ClusterProvider {
  readonly kind = 'kind';
  readonly #folder: string;

  constructor({ stateDirectory }: KindOptions) {
    this.#folder = join(stateDirectory, 'kind');
  }

  /** Its clusters have nodes always: that Docker does not answer now says nothing of a cluster that is there. */
  async powers(_name: string): Promise<ProviderPowers> {
    const missing: string[] = [];
    await kind(['version'], AbortSignal.timeout(describeMs)).catch((error: unknown) => missing.push(messageOf(error)));
    const docker = await execa('docker', ['info'], { reject: false, timeout: describeMs });
    if (docker.failed)
      missing.push(
        'Docker does not answer (docker info): start it, or install it from https://docs.docker.com/engine/install.',
      );
    const noBalancers = 'Load balancers need cloud-provider-kind, which Fairway does not start: use a NodePort.';
    return { realNodes: true, severalNodes: true, loadBalancers: false, missing: [...missing, noBalancers] };
  }

  async ensure({ name, nodes, owner, expiresAt }: ClusterSpec, signal: AbortSignal): Promise<ClusterState> {
    await writeWhole(this.#file(name), JSON.stringify({ owner, expiresAt: expiresAt?.toISOString() ?? null }));
    try {
      if ((await clusterNames(signal)).includes(name)) {
        if (await isReady(name, signal)) return { phase: 'ready' };
        // What kind left half made when it was killed is not taken up again by it.
        await kind(['delete', 'cluster', '--name', name], signal);
      }
      await kind(['create', 'cluster', '--name', name, '--config', '-', '--wait', '5m'], signal, configFor(nodes));
      return { phase: 'ready' };
    } catch (error) {
      if (signal.aborted) return { phase: 'creating', progress: 'kind was stopped while it made the cluster' };
      return { phase: 'failed', reason: messageOf(error) };
    }
  }

  async describe(name: string): Promise<ClusterState> {
    const signal = AbortSignal.timeout(describeMs);
    if (!(await clusterNames(signal)).includes(name)) return { phase: 'absent' };
    if (await isReady(name, signal)) return { phase: 'ready' };
    return { phase: 'creating', progress: 'its containers exist and its API server does not answer yet' };
  }

  async kubeconfig(name: string): Promise<string> {
    const signal = AbortSignal.timeout(describeMs);
    const names = await clusterNames(signal);
    if (!names.includes(name)) {
      throw new FairwayError(
        'missing',
        `There is no kind cluster ${name}. Clusters here: ${names.join(', ') || 'none'}.`,
      );
    }
    return kind(['get', 'kubeconfig', '--name', name], signal);
  }

  async delete(name: string, signal: AbortSignal): Promise<ClusterState> {
    try {
      await kind(['delete', 'cluster', '--name', name], signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return { phase: 'deleting', left: [`kind cluster ${name}`] };
    }
    await rm(this.#file(name), { force: true });
    return { phase: 'absent' };
  }

  /** Those of Fairway: a user's own kind clusters are none of its business. */
  async list(): Promise<ProvidedCluster[]> {
    const files = await readdir(this.#folder).catch(() => []);
    const leased = files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length));
    // Whoever never made one needs neither kind nor Docker.
    if (leased.length === 0) return [];
    const clusters: ProvidedCluster[] = [];
    for (const name of await clusterNames(AbortSignal.timeout(describeMs))) {
      const known = lease.safeParse(await readJsonFile(this.#file(name)));
      if (!known.success) continue;
      const { owner, expiresAt } = known.data;
      const state = await this.describe(name);
      clusters.push({ name, owner, expiresAt: expiresAt === null ? undefined : new Date(expiresAt), state });
    }
    return clusters;
  }

  #file(name: string): string {
    return join(this.#folder, `${name}.json`);
  }
}

function configFor(nodes: number): string {
  const roles = nodes > 1 ? ['control-plane', ...Array<string>(nodes).fill('worker')] : ['control-plane'];
  return stringify({ kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v1alpha4', nodes: roles.map((role) => ({ role })) });
}

async function clusterNames(signal: AbortSignal): Promise<string[]> {
  return (await kind(['get', 'clusters', '--quiet'], signal)).split('\n').filter(Boolean);
}

/** kind has no word for health: the API server, asked inside the control plane's container, does. */
async function isReady(name: string, cancelSignal: AbortSignal): Promise<boolean> {
  const kubectl = ['kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf'];
  const wait = ['wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=5s'];
  const answer = await execa('docker', ['exec', `${name}-control-plane`, ...kubectl, ...wait], {
    reject: false,
    cancelSignal,
  });
  return !answer.failed;
}

async function kind(args: string[], cancelSignal: AbortSignal, input = ''): Promise<string> {
  const answer = await execa('kind', args, { reject: false, cancelSignal, input });
  if (!answer.failed) return answer.stdout;
  cancelSignal.throwIfAborted();
  if (answer.code === 'ENOENT') {
    throw new FairwayError(
      'unavailable',
      'The command kind is not on PATH: install it from https://kind.sigs.k8s.io, or use the provider local.',
    );
  }
  const words = answer.stderr.trim().split('\n').slice(-3).join(' | ') || answer.shortMessage;
  throw new FairwayError('unavailable', `kind ${args.slice(0, 2).join(' ')} failed: ${words}`);
}
