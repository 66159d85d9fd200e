import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { z } from 'zod';
import { type RunView, runSummary, runView } from '../api/run-view.ts';
import { formatDuration } from '../domain/duration.ts';
import { isFinal, verdictOf } from '../domain/run.ts';
import { ApiClient, type ApiOptions, withApi } from './api-client.ts';
import { exitCodeOf } from './exit-code.ts';
import { table } from './table.ts';
import { logLine, print, say } from './terminal.ts';

const summaries = z.object({ items: z.array(runSummary) });
const lines = z.object({ items: z.array(z.object({ sequence: z.number(), stage: z.string(), text: z.string() })) });

interface ListOptions extends ApiOptions {
  channel?: string;
  live?: true;
  limit: string;
}

/** `fairway runs`: what is and was done, newest first. */
export function runsCommand(): Command {
  return withApi(new Command('runs').description('list runs, newest first'))
    .option('--channel <name>', 'only of this channel')
    .option('--live', 'only those that are not finished')
    .option('--limit <count>', 'at most so many', '20')
    .action(async (options: ListOptions) => {
      const api = await ApiClient.find(options);
      const query = new URLSearchParams({ limit: options.limit, ...(options.live ? { live: 'true' } : {}) });
      if (options.channel !== undefined) query.set('channel', options.channel);
      const { items } = await api.get(`/api/v1/runs?${query}`, summaries);
      if (options.output === 'json') return print(`${JSON.stringify({ items })}\n`);
      print(
        table([
          ['RUN', 'STATUS', 'SUBJECT', 'TOOK', 'REASON'],
          ...items.map((run) => [run.id, run.status, subjectOf(run), tookOf(run), run.reason.split('\n')[0] ?? '']),
        ]),
      );
    });
}

/** `fairway run ID`: one run with its stages; with `--follow` its log until the end. Exit code by its verdict then. */
export function runCommand(): Command {
  return withApi(new Command('run').description('show a run, or follow it to its end'))
    .argument('<id>')
    .option('--follow', 'print its log as it grows, and exit as the run ends')
    .action(async (id: string, options: ApiOptions & { follow?: true }) => {
      const api = await ApiClient.find(options);
      const run = options.follow ? await follow(api, id) : await api.get(runPath(id), runView);
      print(options.output === 'json' ? `${JSON.stringify(run)}\n` : describe(run));
      if (options.follow) process.exitCode = exitCodeOf(verdictOf(run.status));
    });
}

/** `fairway cancel ID` and `fairway retry ID`. */
export function cancelCommand(): Command {
  return withApi(new Command('cancel').description('end a run; what cleans up still runs'))
    .argument('<id>')
    .option('--reason <text>', 'why, for those who wonder')
    .action(async (id: string, options: ApiOptions & { reason?: string }) => {
      const api = await ApiClient.find(options);
      const run = await api.post(`${runPath(id)}/cancel`, { reason: options.reason }, runView);
      print(options.output === 'json' ? `${JSON.stringify(run)}\n` : `${id} is being cancelled\n`);
    });
}

export function retryCommand(): Command {
  return withApi(new Command('retry').description("do a finished run's work again"))
    .argument('<id>')
    .action(async (id: string, options: ApiOptions) => {
      const api = await ApiClient.find(options);
      const started = await api.post(`${runPath(id)}/retry`, undefined, z.object({ runId: z.string() }));
      print(options.output === 'json' ? `${JSON.stringify(started)}\n` : `${started.runId} was started\n`);
    });
}

const runPath = (id: string): string => `/api/v1/runs/${encodeURIComponent(id)}`;

async function follow(api: ApiClient, id: string): Promise<RunView> {
  for (let after = 0; ; ) {
    // The run before its log: what was written before its end is then in what is read here.
    const run = await api.get(runPath(id), runView);
    const { items } = await api.get(`${runPath(id)}/log?after=${after}`, lines);
    for (const line of items) {
      after = line.sequence;
      say(logLine(line));
    }
    if (items.length > 0) continue;
    if (isFinal(run.status)) return run;
    await sleep(700);
  }
}

function describe(run: RunView): string {
  const head = [
    ['run', run.id],
    ['subject', `${subjectOf(run)} at ${run.headSha.slice(0, 12)}`],
    ['status', `${run.status}${run.reason === '' ? '' : `: ${run.reason}`}`],
    ['asked by', run.requestedBy],
    ['took', tookOf(run)],
  ];
  const stages = run.stages.map((stage) => [
    stage.name,
    stage.status,
    tookOf(stage),
    (stage.status === 'running' ? progressOf(stage) : stage.reason).split('\n')[0] ?? '',
  ]);
  return `${table(head)}\n${table([['STAGE', 'STATUS', 'TOOK', ''], ...stages])}`;
}

function progressOf(stage: RunView['stages'][number]): string {
  return stage.steps.find(({ status }) => status === 'running')?.progress ?? '';
}

function subjectOf({ kind, channel, pullRequest }: z.output<typeof runSummary>): string {
  return pullRequest === undefined ? `${kind} of ${channel}` : `#${pullRequest} into ${channel}`;
}

function tookOf({
  startedAt,
  finishedAt,
}: {
  startedAt?: number | undefined;
  finishedAt?: number | undefined;
}): string {
  return startedAt === undefined ? '' : formatDuration((finishedAt ?? Date.now()) - startedAt);
}
