import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { openStore } from '../adapters/store/store.ts';
import { assembleWorld } from '../assemble-world.ts';
import { FairwayError } from '../domain/errors.ts';
import { leftOutOfAll } from '../domain/left-out.ts';
import { isFinal, type Run, verdictOf } from '../domain/run.ts';
import { openStateFolder } from '../open-state-folder.ts';
import type { Store } from '../ports/store.ts';
import { advanceRun, type RunEngine } from '../rollout/advance-run.ts';
import { reap } from '../rollout/reaper.ts';
import { stateFolder } from '../state-folder.ts';
import { steps } from '../steps/registry.ts';
import { unsandboxedTools } from '../unsandboxed-tools.ts';
import { exitCodeOf } from './exit-code.ts';
import { followLog } from './follow-log.ts';
import { planProof } from './plan-proof.ts';
import { makeScratchHistory } from './scratch-history.ts';
import { indented, print, say } from './terminal.ts';

interface ProveOptions {
  base: string;
  head: string;
  channel?: string;
  until?: string;
  output: 'text' | 'json';
  state?: string;
}

/** `fairway prove`: the gate from a terminal, before a pull request exists. */
export function proveCommand(): Command {
  return new Command('prove')
    .description('prove a change on an ephemeral cluster, as a pull request would be')
    .requiredOption('--base <rev|dir>', 'what is there: a revision of the git repository here, or a folder')
    .requiredOption('--head <rev|dir>', 'what is to be')
    .option('--channel <name>', 'the channel whose rules hold; by default the first in promotion order')
    .option('--until <stage>', 'stop after this stage (the cluster is still removed)')
    .option('--output <format>', 'text or json', 'text')
    .option('--state <dir>', 'state folder')
    .action(async (options: ProveOptions) => {
      process.exitCode = await prove(options);
    });
}

async function prove(options: ProveOptions): Promise<number> {
  if (!['text', 'json'].includes(options.output))
    throw new FairwayError('refused', `--output is text or json, not "${options.output}"`);
  const stateDirectory = stateFolder(options.state);
  await openStateFolder(stateDirectory, say);
  const scratch = join(stateDirectory, 'prove', randomBytes(5).toString('hex'));
  const history = await makeScratchHistory(scratch, options.base, options.head, process.cwd());
  const store = await openStore(pathToFileURL(join(stateDirectory, 'prove', 'prove.db')).href);
  try {
    const world = await assembleWorld({
      stateDirectory,
      store,
      unsandboxed: unsandboxedTools(),
      forge: undefined,
      remote: () => ({ url: history.directory, authorization: async () => undefined }),
      report: say,
      signal: AbortSignal.timeout(6 * 3_600_000),
    });
    const engine: RunEngine = {
      store,
      steps,
      world,
      dispatcher: { wake: async () => {} },
      worker: `${hostname()}-${process.pid}`,
      leaseTime: 15_000,
      conclude: async () => {},
    };
    await finishAbandoned(engine, say);
    const { base, head } = history;
    const run = await planProof(world.git, { base, head, channel: options.channel, until: options.until });
    await store.runs.create(run);
    const ended = await drive(engine, run.id, say);
    await rm(await world.workFolder(run.id), { recursive: true, force: true });
    report(ended, options.output);
    return exitCodeOf(verdictOf(ended.status));
  } finally {
    await store.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Takes a run to its end. Ctrl-C cancels it, which still removes its cluster; a second one leaves at once. */
async function drive(engine: RunEngine, id: string, say: (line: string) => void): Promise<Run> {
  const { runs } = engine.store;
  const cancel = (): void => {
    say('cancelling; press Ctrl-C again to leave without cleaning up (the next fairway prove does it then)');
    void runs.requestCancel(id, 'cancelled from the terminal');
  };
  process.once('SIGINT', cancel);
  process.once('SIGTERM', cancel);
  const log = followLog(runs, id, say);
  try {
    for (;;) {
      await advanceRun(engine, id);
      const run = await runs.get(id);
      if (!run) throw new Error(`the run ${id} is gone`);
      if (isFinal(run.status)) return run;
      await sleep(Math.min(1_000, Math.max(50, (run.wakeAt ?? 0) - Date.now())));
    }
  } finally {
    await log.end();
    process.removeListener('SIGINT', cancel);
    process.removeListener('SIGTERM', cancel);
  }
}

/** Runs of a fairway prove that was killed are cancelled, and their clusters removed. */
async function finishAbandoned(engine: RunEngine, say: (line: string) => void): Promise<void> {
  const { runs }: Store = engine.store;
  for (const run of await runs.list({ kind: 'prove', live: true })) {
    if (!(await runs.due(Date.now(), 1_000)).includes(run.id)) continue;
    say(`cleaning up after ${run.id}, which was not finished`);
    await runs.requestCancel(run.id, 'its fairway prove was ended');
    await drive(engine, run.id, say);
  }
  await reap(engine.world.providers.values(), 'prove', runs, AbortSignal.timeout(120_000));
}

function report(run: Run, output: 'text' | 'json'): void {
  const verdict = verdictOf(run.status);
  const stages = run.stages.map(({ name, status, reason, startedAt, finishedAt, steps }) => ({
    stage: name,
    verdict: verdictOf(status),
    reason,
    seconds: startedAt === undefined || finishedAt === undefined ? 0 : (finishedAt - startedAt) / 1000,
    leftOut: leftOutOfAll([{ steps }]),
  }));
  if (output === 'json') print(`${JSON.stringify({ verdict, stages })}\n`);
  else {
    const lines = stages.flatMap(({ stage, verdict, seconds, reason, leftOut }) => [
      `${stage.padEnd(14)}${verdict.padEnd(9)}${seconds.toFixed(1).padStart(7)} s  ${reason.split('\n')[0]}`,
      ...leftOut.map((sentence) => `${' '.repeat(34)}left out: ${indented(sentence, 44)}`),
    ]);
    print(`${lines.join('\n')}\n${verdict}\n`);
  }
}
