import { join } from 'node:path';
import type { Logger } from 'pino';
import { createGithubForge } from './adapters/forge/github-forge.ts';
import { findRedisServer } from './adapters/kubernetes-release/redis-server.ts';
import { openStore } from './adapters/store/store.ts';
import { assembleWorld } from './assemble-world.ts';
import type { Config } from './config.ts';
import { type EmbeddedForge, startEmbeddedForge } from './embedded/forge/embedded-forge.ts';
import { startRedis } from './embedded/redis/start-redis.ts';
import { type KeptSecrets, keptSecrets } from './kept-secrets.ts';
import { Parts } from './parts.ts';
import type { Forge } from './ports/forge.ts';
import { connectDispatcher } from './queue/dispatcher.ts';
import type { RedisAddress } from './queue/redis-client.ts';
import type { Planning } from './rollout/planning.ts';
import { stepSchemas } from './steps/registry.ts';
import type { World } from './steps/world.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';

export interface FoundationOptions {
  config: Config;
  log: Logger;
  /** Progress of what is made once per machine. */
  report(line: string): void;
  /** Ends a start that is under way. */
  signal?: AbortSignal;
}

/** What server and worker both stand on. */
export interface Foundation {
  config: Config;
  log: Logger;
  secrets: KeptSecrets & { file: string };
  redis: RedisAddress;
  /** Rejects when Redis does not answer. */
  askQueue(): Promise<void>;
  /** Undefined with a forge of the user's own. */
  embeddedForge: EmbeddedForge | undefined;
  forge: Forge;
  planning: Planning;
  world: World;
  metrics: Metrics;
  /** A signal for one round of calls to the outside. */
  outside(): AbortSignal;
  /** Ends calls to the outside that are under way. */
  interrupt(): void;
  close(): Promise<void>;
}

/** Opens store, queue and forge, embedded ones where none is configured. */
export async function openFoundation({ config, log, report, signal }: FoundationOptions): Promise<Foundation> {
  const parts = new Parts();
  try {
    const { stateDirectory } = config;
    const secrets = await keptSecrets(stateDirectory);
    const stop = new AbortController();
    signal?.addEventListener('abort', () => stop.abort(signal.reason));
    signal?.throwIfAborted();
    const metrics = createMetrics();
    const store = await parts.add(openStore(config.storeUrl, { report, signal: stop.signal }), (store) =>
      store.close(),
    );
    const redis = await parts.add(redisFor(config, report, stop.signal), ({ stop }) => stop());
    const { forge, embedded } = await parts.add(forgeFor(config, secrets, log), async ({ embedded }) =>
      embedded?.close(),
    );
    const remote = (repository: string) => ({
      url: forge.cloneUrl(repository),
      authorization: () => forge.gitAuthorization(repository),
    });
    const world = await assembleWorld({
      stateDirectory,
      store,
      unsandboxed: config.unsandboxedTools,
      forge,
      remote,
      report,
      signal: stop.signal,
    });
    const sender = await parts.add(connectDispatcher({ redis: redis.address, log, metrics }), (sender) =>
      sender.close(),
    );
    return {
      config,
      log,
      secrets,
      redis: redis.address,
      askQueue: sender.ask,
      embeddedForge: embedded,
      forge,
      planning: {
        repository: config.repository,
        store,
        git: world.git,
        forge,
        dispatcher: sender.dispatcher,
        stepSchemas,
      },
      world,
      metrics,
      outside: () => AbortSignal.any([stop.signal, AbortSignal.timeout(120_000)]),
      interrupt: () => stop.abort(new Error('Fairway is stopping')),
      close: () => parts.close(),
    };
  } catch (error) {
    await parts.close();
    throw error;
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
    port: config.forge.port,
    log,
  });
  await embedded.createUser('fairway', 'admin');
  await embedded.ensureToken('fairway', secrets.forgeToken);
  await embedded.createUser('you', 'write');
  await embedded.ensureToken('you', secrets.userToken);
  const forge = createGithubForge({
    baseUrl: embedded.apiUrl,
    gitBaseUrl: embedded.url,
    auth: { token: secrets.forgeToken },
    pace: 'none',
  });
  return { forge, embedded };
}
