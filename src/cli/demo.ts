import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { pino } from 'pino';
import { leftovers } from '../adapters/clusters/local/leftovers.ts';
import { type App, startApp } from '../app.ts';
import { readConfig } from '../config.ts';
import { type DemoResult, shortcomings } from '../demo/demo-result.ts';
import { tellStory } from '../demo/demo-story.ts';
import { formatDuration } from '../domain/duration.ts';
import { prepareMachine } from '../prepare-machine.ts';
import { createLog } from '../telemetry/log.ts';
import { exitCodes } from './exit-code.ts';

interface DemoOptions {
  output: 'text' | 'json';
  state?: string;
  keep?: boolean;
}

/** `fairway demo`: the whole job, live, on real clusters of this machine. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('tell the whole story on this machine: gate, merge, rollout, promotion')
    .option('--output <format>', 'text or json', 'text')
    .option('--state <dir>', 'state folder, by default a new temporary one')
    .option('--keep', 'leave everything up to look around, until Ctrl-C')
    .action(async (options: DemoOptions) => {
      process.exitCode = await demo(options);
    });
}

async function demo(options: DemoOptions): Promise<number> {
  const began = Date.now();
  const state = options.state === undefined ? await mkdtemp(join(tmpdir(), 'fairway-demo-')) : resolve(options.state);
  const tell = (line: string): void =>
    void process.stderr.write(`${formatDuration(Date.now() - began).padStart(7)}  ${line}\n`);
  const interrupted = new AbortController();
  const interrupt = (): void => {
    tell('interrupted: cleaning up');
    interrupted.abort(new Error('interrupted'));
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  await prepareMachine(tell, interrupted.signal);
  const config = readConfig({ FAIRWAY_LISTEN: '127.0.0.1:0' }, { state });
  const log = createLog({ level: 'warn', destination: pino.destination(join(state, 'fairway.log')) });
  const app = await startApp({ config, log, report: tell, role: 'all' });
  let told: Omit<DemoResult, 'leftovers' | 'seconds'> | undefined;
  try {
    tell(`Fairway is at ${app.url}, its forge at ${app.embeddedForge?.url}, its state in ${state}`);
    told = await tellStory({ app, repository: config.repository, tell, signal: interrupted.signal });
    if (options.keep) await keep(app, tell, interrupted.signal);
  } catch (error) {
    tell(`the story broke off: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    tell('── Teardown');
    await tearDown(app, options.state === undefined ? state : undefined);
  }
  const result: DemoResult = {
    pullRequests: [],
    channels: {},
    reusedEvidence: 0,
    leftOut: [],
    ...told,
    leftovers: [...(await leftovers(state)), ...leftFiles(options.state === undefined ? state : undefined)],
    seconds: Math.round((Date.now() - began) / 1000),
  };
  const missing = shortcomings(result);
  for (const sentence of missing) tell(`NOT AS TOLD: ${sentence}`);
  for (const sentence of result.leftOut) tell(`left out: ${sentence}`);
  if (missing.length === 0)
    tell(
      `All of it held${result.leftOut.length > 0 ? ' but for what was left out' : ''}, in ${formatDuration(Date.now() - began)}.`,
    );
  if (options.output === 'json') process.stdout.write(`${JSON.stringify(result)}\n`);
  return missing.length === 0 ? exitCodes.done : exitCodes.no;
}

/** Everything that the demo writes lies below its own temporary folder. */
function leftFiles(temporary: string | undefined): string[] {
  return temporary !== undefined && existsSync(temporary) ? [`folder ${temporary}`] : [];
}

async function keep(app: App, tell: (line: string) => void, signal: AbortSignal): Promise<void> {
  tell(
    `everything stays up; press Ctrl-C to end it. The forge is at ${app.embeddedForge?.url}, user "you", its token is in ${app.secrets.file}`,
  );
  await sleep(2 ** 31 - 1, undefined, { signal }).catch(() => {});
}

/** Ends Fairway, then removes every cluster, also of runs that were under way. */
async function tearDown(app: App, temporary: string | undefined): Promise<void> {
  await app.close();
  const signal = AbortSignal.timeout(120_000);
  for (const provider of app.world.providers.values()) {
    if (provider.kind !== 'local') continue;
    for (const { name } of await provider.list()) {
      for (
        let left = await provider.delete(name, signal);
        left.phase !== 'absent';
        left = await provider.delete(name, signal)
      )
        await sleep(200, undefined, { signal });
    }
  }
  if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
}
