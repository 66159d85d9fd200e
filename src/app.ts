import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import type { Logger } from 'pino';
import { createGithubForge } from './adapters/forge/github-forge.ts';
import { findRedisServer } from './adapters/kubernetes-release/redis-server.ts';
import { openStore } from './adapters/store/store.ts';
import { assembleWorld } from './assemble-world.ts';
import type { Config } from './config.ts';
import { type EmbeddedForge, startEmbeddedForge } from './embedded/forge/embedded-forge.ts';
import { startRedis } from './embedded/redis/start-redis.ts';
import { type KeptSecrets, keptSecrets } from './kept-secrets.ts';
import type { Forge } from './ports/forge.ts';
import type { Store } from './ports/store.ts';
import { startQueue } from './queue/queue.ts';
import type { RedisAddress } from './queue/redis-client.ts';
import { reportRun } from './report/reporter.ts';
import { advanceRun, type RunEngine } from './rollout/advance-run.ts';
import { catchUp } from './rollout/catch-up.ts';
import { concludeRun } from './rollout/conclude-run.ts';
import { handleDelivery } from './rollout/handle-delivery.ts';
import { startMaintenance } from './rollout/maintenance.ts';
import type { Planning } from './rollout/planning.ts';
import { reportedKey } from './rollout/sweeper.ts';
import { stepSchemas, steps } from './steps/registry.ts';
import type { World } from './steps/world.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { intentOf } from './webhook/intents.ts';
import { createReceiver } from './webhook/receiver.ts';

/** A running Fairway, all in one. */
export interface App {
  /** Where it listens. */
  url: string;
  secrets: KeptSecrets & { file: string };
  /** Undefined with a forge of the user's own. */
  embeddedForge: EmbeddedForge | undefined;
  store: Store;
  world: World;
  /** Asks the forge what is new, now instead of at the next round. */
  catchUp(): Promise<void>;
  close(): Promise<void>;
}

export interface AppOptions {
  config: Config;
  log: Logger;
  /** Progress of what is made once per machine. */
  report(line: string): void;
}

/** Starts every part, embedded ones where none is configured; the parts end in the opposite order. */
export async function startApp({ config, log, report }: AppOptions): Promise<App> {
  const parts = new Parts();
  try {
    const { stateDirectory } = config;
    await mkdir(stateDirectory, { recursive: true });
    const secrets = await keptSecrets(stateDirectory);
    const stop = new AbortController();
    const store = await parts.add(openStore(config.storeUrl), (store) => store.close());
    const redis = await parts.add(redisFor(config, report, stop.signal), ({ stop }) => stop());
    const { forge, embedded } = await parts.add(forgeFor(config, secrets, log), async ({ embedded }) =>
      embedded?.close(),
    );
    const remote = (repository: string) => ({
      url: forge.cloneUrl(repository),
      authorization: () => forge.gitAuthorization(repository),
    });
    const world = await assembleWorld({ stateDirectory, store, forge, remote, report, signal: stop.signal });
    const metrics = createMetrics();
    let address = '';
    const runUrl = (id: string): string => `${config.publicUrl ?? address}/runs/${id}`;
    const outside = (): AbortSignal => AbortSignal.any([stop.signal, AbortSignal.timeout(120_000)]);
    const queue = await parts.add(
      startQueue({
        redis: redis.address,
        log,
        metrics,
        concurrency: 8,
        handlers: {
          run: (id) => advanceRun(engine, id),
          delivery: (id) => handleDelivery(planning, id, intentOf, outside()),
          report: (id) =>
            reportRun(
              { runs: store.runs, reports: store.reports, artifacts: world.artifacts, forge, runUrl },
              id,
              reportedKey(id),
            ),
        },
      }),
      (queue) => queue.close(),
    );
    const planning: Planning = { store, git: world.git, forge, dispatcher: queue.dispatcher, stepSchemas };
    const worker = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
    const engine: RunEngine = {
      store,
      steps,
      world,
      dispatcher: queue.dispatcher,
      worker,
      leaseTime: config.leaseTime,
      conclude: (run) => concludeRun(planning, run, outside()),
    };
    const webhookSecrets = config.webhookSecrets.length > 0 ? config.webhookSecrets : [secrets.webhook];
    const server = fastify({ loggerInstance: log });
    await server.register(
      createReceiver({ secrets: webhookSecrets, deliveries: store.deliveries, dispatcher: queue.dispatcher, metrics }),
    );
    address = await parts.add(server.listen({ host: config.host, port: config.port }), () => server.close());
    await parts.add(startMaintenance({ planning, world, config, log, outside }), (maintenance) => maintenance.stop());
    const close = async (): Promise<void> => {
      stop.abort(new Error('Fairway is stopping'));
      await parts.close();
    };
    return {
      url: address,
      secrets,
      embeddedForge: embedded,
      store,
      world,
      catchUp: () => catchUp(planning, config.repository, (problem) => log.warn(problem), outside()),
      close,
    };
  } catch (error) {
    await parts.close();
    throw error;
  }
}

class Parts {
  readonly #ends: (() => Promise<unknown>)[] = [];

  async add<T>(starting: T | Promise<T>, end: (part: T) => Promise<unknown>): Promise<T> {
    const part = await starting;
    this.#ends.unshift(() => end(part));
    return part;
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0)) await end();
  }
}

async function redisFor(
  config: Config,
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<{ address: RedisAddress; stop(): Promise<void> }> {
  if (config.redisUrl !== undefined) return { address: { url: config.redisUrl }, stop: async () => {} };
  const redis = await startRedis({
    directory: join(config.stateDirectory, 'redis'),
    server: await findRedisServer({ report, signal }),
  });
  return { address: { path: redis.path, password: redis.password }, stop: () => redis.stop() };
}

async function forgeFor(
  config: Config,
  secrets: KeptSecrets,
  log: Logger,
): Promise<{ forge: Forge; embedded: EmbeddedForge | undefined }> {
  if (config.forge.forge === 'github') {
    const { apiUrl, gitUrl, auth } = config.forge;
    return { forge: createGithubForge({ baseUrl: apiUrl, gitBaseUrl: gitUrl, auth }), embedded: undefined };
  }
  const embedded = await startEmbeddedForge({
    directory: join(config.stateDirectory, 'forge'),
    host: '127.0.0.1',
    port: 0,
    log,
  });
  await embedded.createUser('fairway', 'admin');
  await embedded.ensureToken('fairway', secrets.forgeToken);
  await embedded.createUser('you', 'write');
  await embedded.ensureToken('you', secrets.userToken);
  return {
    forge: createGithubForge({
      baseUrl: embedded.apiUrl,
      gitBaseUrl: embedded.url,
      auth: { token: secrets.forgeToken },
      pace: 'none',
    }),
    embedded,
  };
}
