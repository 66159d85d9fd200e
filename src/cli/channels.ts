import { Command } from 'commander';
import { z } from 'zod';
import { type ChannelView, channelView } from '../api/channel-routes.ts';
import { FairwayError } from '../domain/errors.ts';
import { ApiClient, type ApiOptions, withApi } from './api-client.ts';
import { table } from './table.ts';
import { print } from './terminal.ts';

const list = z.object({ items: z.array(channelView) });

/** `fairway channels`: how far each channel has come. */
export function channelsCommand(): Command {
  return withApi(new Command('channels').description('list channels and how far each has come')).action(
    async (options: ApiOptions) => {
      const { items } = await (await ApiClient.find(options)).get('/api/v1/channels', list);
      if (options.output === 'json') return print(`${JSON.stringify({ items })}\n`);
      print(
        table([
          ['CHANNEL', 'CONVERGED TO', 'SINCE', 'STATE'],
          ...items.map((item) => [item.channel, item.convergedSha?.slice(0, 12) ?? '', sinceOf(item), stateOf(item)]),
        ]),
      );
    },
  );
}

/** `fairway hold CHANNEL`: no rollout starts. */
export function holdCommand(): Command {
  return withApi(new Command('hold').description('let no rollout of a channel start'))
    .argument('<channel>')
    .requiredOption('--reason <text>', 'why, for those who wonder')
    .action(async (channel: string, options: ApiOptions & { reason: string }) => {
      const api = await ApiClient.find(options);
      const path = await pathOf(api, channel);
      const held = await api.post(`${path}/hold`, { reason: options.reason }, channelView);
      print(options.output === 'json' ? `${JSON.stringify(held)}\n` : `${channel} is on hold: ${held.held}\n`);
    });
}

/** `fairway resume CHANNEL`: rollouts start again. */
export function resumeCommand(): Command {
  return withApi(new Command('resume').description('let rollouts of a channel start again'))
    .argument('<channel>')
    .action(async (channel: string, options: ApiOptions) => {
      const api = await ApiClient.find(options);
      const resumed = await api.post(`${await pathOf(api, channel)}/resume`, undefined, channelView);
      print(options.output === 'json' ? `${JSON.stringify(resumed)}\n` : `${channel} is not on hold any more\n`);
    });
}

/** `fairway roll-out CHANNEL`: the branch's newest revision, also when it was rolled out before. */
export function rollOutCommand(): Command {
  return withApi(new Command('roll-out').description("roll the newest revision of a channel's branch out (again)"))
    .argument('<channel>')
    .option('--unproven', 'although nothing has proven it: an exception, for administrators')
    .option('--reason <text>', 'why it can do without a proof, for the audit log')
    .action((channel: string, options: ApiOptions & { unproven?: true; reason?: string }) => {
      if (options.unproven === undefined && options.reason === undefined) return start('roll-out', channel, options);
      if (options.unproven && options.reason)
        return start('roll-out-unproven', channel, options, { reason: options.reason });
      throw new FairwayError('refused', '--unproven and --reason go together: say why it can do without a proof');
    });
}

/** `fairway rollback CHANNEL`: back to what it had converged to. */
export function rollbackCommand(): Command {
  return withApi(
    new Command('rollback').description('take clusters that a failed rollout has reached back to what the channel had'),
  )
    .argument('<channel>')
    .action((channel: string, options: ApiOptions) => start('rollback', channel, options));
}

async function start(
  action: 'roll-out' | 'roll-out-unproven' | 'rollback',
  channel: string,
  options: ApiOptions,
  body?: { reason: string },
): Promise<void> {
  const api = await ApiClient.find(options);
  const path = `${await pathOf(api, channel)}/${action}`;
  const started = await api.post(path, body, z.object({ runId: z.string() }));
  print(options.output === 'json' ? `${JSON.stringify(started)}\n` : `${started.runId} was started\n`);
}

async function pathOf(api: ApiClient, channel: string): Promise<string> {
  const { items } = await api.get('/api/v1/channels', list);
  const found = items.find((item) => item.channel === channel);
  if (found) return `/api/v1/channels/${found.repository}/${encodeURIComponent(channel)}`;
  const names = items.map((item) => item.channel).join(', ') || 'none yet';
  throw new FairwayError('missing', `there is no channel ${channel}; known: ${names}`);
}

function sinceOf({ convergedAt }: ChannelView): string {
  return convergedAt === undefined ? '' : `${new Date(convergedAt).toISOString().slice(0, 19)}Z`;
}

function stateOf({ held, liveRun, attemptedSha, convergedSha }: ChannelView): string {
  if (held !== undefined) return `on hold: ${held}`;
  if (liveRun !== undefined) return `rolling out: ${liveRun}`;
  return attemptedSha === convergedSha ? 'idle' : `did not converge to ${attemptedSha?.slice(0, 12)}`;
}
