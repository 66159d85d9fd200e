import { noteAddresses } from './addresses.ts';
import { claimStateFolder } from './claim-state-folder.ts';
import type { EmbeddedForge } from './embedded/forge/embedded-forge.ts';
import { type FoundationOptions, openFoundation } from './foundation.ts';
import type { KeptSecrets } from './kept-secrets.ts';
import { openStateFolder } from './open-state-folder.ts';
import { Parts } from './parts.ts';
import type { Store } from './ports/store.ts';
import { catchUp } from './rollout/catch-up.ts';
import { startServer } from './start-server.ts';
import { startWorker } from './start-worker.ts';
import type { World } from './steps/world.ts';

/** A running Fairway. */
export interface App {
  /** Where it listens; a worker does not, and says where people reach its server. */
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

export interface AppOptions extends FoundationOptions {
  /** What the embedded forge is to hold before anything looks at it. */
  seed?: (forge: EmbeddedForge) => Promise<void>;
  /** `all` in one process; `server` and `worker` are the same parts apart, on a store and a Redis that they share. */
  role: 'all' | 'server' | 'worker';
}

/** Starts the parts of this role, embedded ones where none is configured; they end in the opposite order. */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, log, role } = options;
  const parts = new Parts();
  try {
    await openStateFolder(config.stateDirectory, options.report);
    // Servers and workers share a folder; whoever runs all has its parts for itself.
    if (role === 'all') await parts.add(claimStateFolder(config.stateDirectory), (claim) => claim.release());
    const foundation = await parts.add(openFoundation(options), (foundation) => foundation.close());
    if (foundation.embeddedForge) await options.seed?.(foundation.embeddedForge);
    const server = role === 'worker' ? undefined : await parts.add(startServer(foundation), (server) => server.close());
    const publicUrl = config.publicUrl ?? server?.url ?? '';
    if (role !== 'server') await parts.add(startWorker(foundation, { publicUrl }), (worker) => worker.close());
    options.signal?.throwIfAborted();
    const { planning, secrets, embeddedForge, world, outside } = foundation;
    if (server) {
      const addresses = { server: server.url, ...(embeddedForge ? { forge: embeddedForge.url } : {}) };
      await parts.add(noteAddresses(config.stateDirectory, addresses), (note) => note.forget());
    }
    const watched = { repository: config.repository, webhookUrl: `${publicUrl}/webhooks/github` };
    return {
      url: server?.url ?? publicUrl,
      secrets,
      embeddedForge,
      store: planning.store,
      world,
      catchUp: () => catchUp(planning, watched, (problem) => log.warn(problem), outside()),
      async close() {
        foundation.interrupt();
        await parts.close();
      },
    };
  } catch (error) {
    await parts.close();
    throw error;
  }
}
