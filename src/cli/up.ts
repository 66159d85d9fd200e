import { Command } from 'commander';
import { type App, startApp } from '../app.ts';
import { type Config, readConfig, readSharedConfig } from '../config.ts';
import type { EmbeddedForge } from '../embedded/forge/embedded-forge.ts';
import { prepareMachine } from '../prepare-machine.ts';
import { connectWebhook, seedEmbeddedForge } from '../seed-embedded-forge.ts';
import { createLog } from '../telemetry/log.ts';
import { leftRunning, takenUp } from './leased-clusters.ts';
import { stopOnSignal } from './stop-on-signal.ts';
import { print } from './terminal.ts';

const preparingMs = 3_600_000;
const say = (line: string): void => print(`${line}\n`);

/** `fairway up`: all in one, until Ctrl-C. */
export function upCommand(): Command {
  return new Command('up')
    .description('start everything: store, queue, forge where none is configured, server and worker')
    .option('--state <dir>', 'state folder')
    .action((options: { state?: string }) => {
      const config = readConfig(process.env, options);
      return runUntilSignal('all', config, async (app) => {
        for (const line of await takenUp(app.world.providers, app.store.runs)) say(line);
        await connectWebhook(app, config.repository);
        introduce(app, config);
      });
    });
}

/** `fairway server`: webhooks, API and pages; as many as wanted. */
export function serverCommand(): Command {
  return new Command('server')
    .description('start only the server: webhooks, API and web pages, on a store and a Redis shared with workers')
    .option('--state <dir>', 'state folder, shared with the workers')
    .action((options: { state?: string }) => {
      const config = readSharedConfig(process.env, options);
      return runUntilSignal('server', config, ({ url }) =>
        say(`Fairway's server listens on ${url}; webhooks go to ${config.publicUrl ?? url}/webhooks/github`),
      );
    });
}

/** `fairway worker`: runs; as many as wanted. */
export function workerCommand(): Command {
  return new Command('worker')
    .description('start only a worker: it advances runs, on a store and a Redis shared with servers')
    .option('--state <dir>', 'state folder, shared with the server')
    .action((options: { state?: string }) => {
      const config = readSharedConfig(process.env, options);
      return runUntilSignal('worker', config, () => say(`A worker is at work for ${config.publicUrl}`));
    });
}

type Role = 'all' | 'server' | 'worker';

/** A signal ends what was started in order, however far the start has come. */
async function runUntilSignal(role: Role, config: Config, greet: (app: App) => Promise<void> | void): Promise<void> {
  const stopping = new AbortController();
  const starting = start(role, config, greet, stopping.signal);
  stopOnSignal(async () => {
    stopping.abort(new Error('Fairway is stopping'));
    const app = await starting.catch(() => undefined);
    await app?.close();
    if (app === undefined || role === 'server') return;
    for (const line of await leftRunning(app.world.providers, config.stateDirectory)) say(line);
  }, say);
  try {
    await starting;
  } catch (error) {
    // Whoever stops has the last word, and leaves in order.
    if (!stopping.signal.aborted) throw error;
  }
}

async function start(
  role: Role,
  config: Config,
  greet: (app: App) => Promise<void> | void,
  signal: AbortSignal,
): Promise<App> {
  if (role !== 'server') await prepareMachine(say, AbortSignal.any([signal, AbortSignal.timeout(preparingMs)]));
  const seed = (forge: EmbeddedForge): Promise<void> => seedEmbeddedForge(forge, config.repository);
  const app = await startApp({ config, log: createLog({ level: 'info' }), report: say, role, seed, signal });
  try {
    await greet(app);
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}

function introduce({ url, secrets, embeddedForge }: App, config: Config): void {
  say(`Fairway is at ${config.publicUrl ?? url}: sign in with the apiToken of ${secrets.file}`);
  say(`Webhooks go to ${config.publicUrl ?? url}/webhooks/github; state is in ${config.stateDirectory}`);
  if (!embeddedForge) return;
  say(`The embedded forge holds ${config.repository}. What to try next:`);
  say(
    `  git clone ${embeddedForge.url}/${config.repository}.git    (user "you", password: the userToken of that file)`,
  );
  say('  change something on a branch, push it, and: fairway pr create --head BRANCH --base dev');
}
