import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import type { Test } from 'tap';
import { clusterProviderOf } from '../adapters/clusters/cluster-provider-of.ts';
import { freeRun } from '../adapters/clusters/local/free-ports.ts';
import { leftovers } from '../adapters/clusters/local/leftovers.ts';
import { prepareRelease } from '../adapters/kubernetes-release/prepare-release.ts';
import { openStore } from '../adapters/store/store.ts';
import { cluster as clusterSchema } from '../domain/cluster.ts';
import { isFinal, type Run } from '../domain/run.ts';
import { type KeptSecrets, keptSecrets } from '../kept-secrets.ts';
import type { ClusterProvider } from '../ports/cluster-provider.ts';
import type { RunFilter, Store } from '../ports/store.ts';
import { FairwayProcess } from './fairway-process.ts';
import { OutsideForge } from './outside-forge.ts';

const patienceMs = 150_000;
const quiet = (): void => {};

export interface SceneOptions {
  /** The config repository, by branch; each branch starts where the one before it ended. */
  branches: Record<string, Record<string, string>>;
  /** Settings of `fairway up`. */
  settings?: Record<string, string>;
  /** A forge of its own that Fairway reaches by a token, at the address that `through` gives; without it, the embedded one. */
  forgeBeside?: { through(forgeUrl: string): Promise<string> };
}

/** A Fairway in a folder of its own that a test kills and starts again, looked at from outside: its forge, its store, its clusters. */
export class Scene {
  readonly state: string;
  /** Where Fairway listens. */
  readonly url: string;
  readonly webhookSecret: string;
  readonly store: Store;
  readonly forge: OutsideForge;
  readonly clusters: ClusterProvider;
  readonly #settings: Record<string, string>;
  #fairway: FairwayProcess | undefined;

  private constructor(
    state: string,
    store: Store,
    forge: OutsideForge,
    clusters: ClusterProvider,
    settings: Record<string, string>,
    webhookSecret: string,
  ) {
    this.state = state;
    this.url = `http://${settings.FAIRWAY_LISTEN}`;
    this.webhookSecret = webhookSecret;
    this.store = store;
    this.forge = forge;
    this.clusters = clusters;
    this.#settings = settings;
  }

  static async open(t: Test, { branches, settings = {}, forgeBeside }: SceneOptions): Promise<Scene> {
    const folder = await mkdtemp(join(tmpdir(), 'fairway-resilience-'));
    const state = join(folder, 'state');
    const secrets: KeptSecrets = await keptSecrets(state);
    const port = await freeRun(2);
    const forge = await OutsideForge.seed({
      folder,
      state,
      port: port + 1,
      secrets,
      branches,
      beside: forgeBeside !== undefined,
    });
    const store = await openStore(pathToFileURL(join(state, 'fairway.db')).href);
    const { signal } = new AbortController();
    const clusters = clusterProviderOf('local', { stateDirectory: state, report: quiet, signal });
    const scene = new Scene(
      state,
      store,
      forge,
      clusters,
      {
        FAIRWAY_LISTEN: `127.0.0.1:${port}`,
        FAIRWAY_LEASE_TIME: '3s',
        ...(forgeBeside ? reachedBy(secrets, await forgeBeside.through(forge.url)) : {}),
        ...settings,
      },
      secrets.webhook,
    );
    t.teardown(async () => {
      await scene.#close();
      await rm(folder, { recursive: true, force: true });
    });
    return scene;
  }

  get fairway(): FairwayProcess {
    if (!this.#fairway) throw new Error('Fairway is not up');
    return this.#fairway;
  }

  async start(settings: Record<string, string> = {}): Promise<void> {
    this.#fairway = await FairwayProcess.start(this.state, { ...this.#settings, ...settings });
  }

  /** SIGKILL; what it started in the background stays. */
  async kill(): Promise<void> {
    await this.fairway.kill();
  }

  async killAndStart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** In order; afterwards only what is meant to last is there. */
  async stop(): Promise<void> {
    await this.fairway.stop();
  }

  /** A lasting cluster without nodes, in the registry under its name. */
  async addCluster(name: string, channel: string): Promise<void> {
    const spec = { name, nodes: 0, owner: 'test', expiresAt: undefined };
    await this.until(`${name} is ready`, async () => {
      const { phase } = await this.clusters.ensure(spec, AbortSignal.timeout(60_000));
      return phase === 'ready' ? true : undefined;
    });
    await this.listCluster(name, channel);
  }

  /** A cluster that is only in the registry. */
  async listCluster(name: string, channel: string): Promise<void> {
    await this.store.clusters.put(
      clusterSchema.parse({ id: name, alias: name, local_id: name, api_server_url: '', channel, provider: 'local' }),
    );
  }

  async kubectl(cluster: string, ...args: string[]): Promise<string> {
    const release = await prepareRelease({
      imageSet: 'none',
      binaries: ['kubectl'],
      report: quiet,
      signal: AbortSignal.timeout(60_000),
    });
    const kubeconfig = join(this.state, 'clusters', cluster, 'control-plane', 'admin.kubeconfig');
    return (await execa(release.binary('kubectl'), ['--kubeconfig', kubeconfig, ...args])).stdout;
  }

  async run(filter: RunFilter): Promise<Run | undefined> {
    return (await this.store.runs.list({ ...filter, limit: 1 }))[0];
  }

  /** The newest run of that kind, at its end. */
  async ended(filter: RunFilter): Promise<Run> {
    return this.until(`the end of ${JSON.stringify(filter)}`, async () => {
      const run = await this.run(filter);
      return run && isFinal(run.status) ? run : undefined;
    });
  }

  /** Waits until the forge has been told how the run ended. */
  async told(run: Run): Promise<void> {
    await this.until(`the report of ${run.id}`, async () =>
      (await this.store.runs.untold(1_000)).includes(run.id) ? undefined : true,
    );
  }

  async until<T>(what: string, look: () => Promise<T | undefined>, every = 100): Promise<T> {
    for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await sleep(every)) {
      const found = await look();
      if (found !== undefined) return found;
    }
    const runs = (await this.store.runs.list({ limit: 5 })).map((run) => {
      const stages = run.stages.map(({ name, status, steps }) => {
        const progress = steps.map((step) => step.progress).join('');
        return `${name} ${status} ${progress}`;
      });
      return `${run.id} ${run.status} ${run.reason}: ${stages.join(', ')}`;
    });
    const lines = this.#fairway?.output.filter((line) => !line.includes('"level":30')).slice(-20) ?? [];
    throw new Error(`it never came to this: ${what}\n${runs.join('\n')}\n${lines.join('\n')}`);
  }

  /** Everything that runs for this scene or is left of its clusters, Fairway and its Redis excepted. */
  async left(): Promise<string[]> {
    const processes = (await this.#processes())
      .filter(({ line }) => !line.includes(' up --state ') && !line.includes('redis.conf'))
      .map(({ pid, line }) => `process ${pid}: ${line}`);
    return [...processes, ...(await leftovers(this.state)).filter((what) => !what.startsWith('process '))];
  }

  /** Processes whose command line or working folder lies in this scene. */
  async #processes(): Promise<{ pid: number; line: string }[]> {
    const found: { pid: number; line: string }[] = [];
    for (const name of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
      const line = (await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
      const folder = await readlink(`/proc/${name}/cwd`).catch(() => '');
      if (line.includes(this.state) || folder.startsWith(this.state)) found.push({ pid: Number(name), line });
    }
    return found;
  }

  async #close(): Promise<void> {
    await this.#fairway?.stop();
    await this.forge.close();
    for (const { name } of await this.clusters.list()) await this.clusters.delete(name, AbortSignal.timeout(60_000));
    for (const { pid } of await this.#processes()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    await this.store.close();
  }
}

function reachedBy(secrets: KeptSecrets, url: string): Record<string, string> {
  return {
    FAIRWAY_REPOSITORY: 'fairway/config',
    FAIRWAY_FORGE_API_URL: `${url}/api/v3`,
    FAIRWAY_FORGE_GIT_URL: url,
    FAIRWAY_FORGE_TOKEN: secrets.forgeToken,
    FAIRWAY_WEBHOOK_SECRET: secrets.webhook,
  };
}
