import type { z } from 'zod';
import { type Channel, channel } from '../domain/channel.ts';
import { type ConfigFile, type ConfigProblem, parseConfigFile } from '../domain/config-file.ts';
import { type Pipeline, pipelineSchema } from '../domain/pipeline.ts';
import { inPromotionOrder } from '../domain/promotion-order.ts';

/** A file of `channels/` or `pipelines/`. */
export interface PolicyFile {
  path: string;
  text: string;
}

type Valid<T> = Extract<ConfigFile<T>, { outcome: 'valid' }>;

export interface CheckedPolicy {
  /** In promotion order. */
  channels: Valid<Channel>[];
  pipelines: Valid<Pipeline>[];
  /** With one of them nobody may act on the policy. */
  problems: ConfigProblem[];
}

/** Reads the rules of a config repository, and what they say of each other. */
export function checkPolicy(files: readonly PolicyFile[], steps: ReadonlyMap<string, z.ZodType>): CheckedPolicy {
  const problems: ConfigProblem[] = [];
  const readAll = <T>(folder: string, schema: z.ZodType<T>): Valid<T>[] =>
    files
      .filter(({ path }) => path.startsWith(folder))
      .flatMap(({ path, text }) => {
        const parsed = parseConfigFile(path, text, schema);
        if (parsed.outcome === 'valid') return [parsed];
        problems.push(...parsed.problems);
        return [];
      });
  const channels = readAll('channels/', channel);
  const pipelines = readAll('pipelines/', pipelineSchema(steps));
  if (channels.length === 0 && problems.length === 0) problems.push(noChannel);
  problems.push(...twins(channels), ...lostPromotions(channels));
  return { channels: inOrder(channels), pipelines, problems };
}

const noChannel: ConfigProblem = {
  file: 'channels/',
  line: 0,
  field: '',
  message: 'there is no channel file; a channel is channels/<name>.yaml with at least channel: and branch:',
};

function twins(channels: readonly Valid<Channel>[]): ConfigProblem[] {
  return channels.flatMap(({ value: { channel, branch }, problem }, index) => {
    const earlier = channels.slice(0, index).map(({ value }) => value);
    if (earlier.some((other) => other.channel === channel))
      return [problem(['channel'], `the channel ${channel} is there twice`)];
    const twin = earlier.find((other) => other.branch === branch);
    return twin ? [problem(['branch'], `${branch} is the branch of the channel ${twin.channel} already`)] : [];
  });
}

function lostPromotions(channels: readonly Valid<Channel>[]): ConfigProblem[] {
  return channels.flatMap(({ value: { promotion }, problem }) => {
    if (promotion === undefined || channels.some(({ value }) => value.channel === promotion.to)) return [];
    return [problem(['promotion', 'to'], `there is no channel "${promotion.to}"; there are ${namesOf(channels)}`)];
  });
}

/** Pipelines that wait for pull requests which never come. Nothing goes wrong by them, so this is for people only. */
export function idleBranches({ channels, pipelines }: CheckedPolicy): ConfigProblem[] {
  return pipelines.flatMap(({ value: { on }, problem }) => {
    if (on.event !== 'pull-request') return [];
    return on.branches.flatMap((branch, index) => {
      if (channels.some(({ value }) => value.branch === branch)) return [];
      const message = `no channel has the branch "${branch}"; the channels are ${namesOf(channels)}`;
      return [problem(['on', 'pullRequest', 'branches', index], message)];
    });
  });
}

function inOrder(channels: readonly Valid<Channel>[]): Valid<Channel>[] {
  return inPromotionOrder(channels.map((file) => ({ ...file.value, file }))).map(({ file }) => file);
}

function namesOf(channels: readonly Valid<Channel>[]): string {
  return inOrder(channels)
    .map(({ value }) => value.channel)
    .join(', ');
}
