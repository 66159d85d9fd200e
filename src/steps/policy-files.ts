import type { z } from 'zod';
import { type Channel, channel } from '../domain/channel.ts';
import { formatProblem, parseConfigFile } from '../domain/config-file.ts';
import type { Pipeline } from '../domain/pipeline.ts';
import { inPromotionOrder } from '../domain/promotion-order.ts';
import type { GitRepository } from '../ports/git-source.ts';
import { checkPolicy, type PolicyFile } from './check-policy.ts';

/** The rules in a config repository at one revision. */
export interface Policy {
  /** In promotion order. */
  channels: Channel[];
  pipelines: Pipeline[];
  /** `file:line: field: what is wrong`; whoever acts on the policy must refuse while there is one. */
  problems: string[];
}

/** Reads `channels/*.yaml` and `pipelines/*.yaml`. `revision` is a commit or a tree. */
export async function readPolicy(
  repository: GitRepository,
  revision: string,
  steps: ReadonlyMap<string, z.ZodType>,
): Promise<Policy> {
  const files = [
    ...(await readFiles(repository, revision, 'channels')),
    ...(await readFiles(repository, revision, 'pipelines')),
  ];
  const { channels, pipelines, problems } = checkPolicy(files, steps);
  return {
    channels: channels.map(({ value }) => value),
    pipelines: pipelines.map(({ value }) => value),
    problems: problems.map(formatProblem),
  };
}

/** The valid ones of `channels/*.yaml`, in promotion order. */
export async function readChannels(repository: GitRepository, revision: string): Promise<Channel[]> {
  const parsed = (await readFiles(repository, revision, 'channels')).map(({ path, text }) =>
    parseConfigFile(path, text, channel),
  );
  return inPromotionOrder(parsed.flatMap((file) => (file.outcome === 'valid' ? [file.value] : [])));
}

async function readFiles(repository: GitRepository, revision: string, folder: string): Promise<PolicyFile[]> {
  const files: PolicyFile[] = [];
  for (const name of await repository.listFiles(revision, folder)) {
    const path = `${folder}/${name}`;
    if (isPolicyFile(name)) files.push({ path, text: (await repository.readFile(revision, path)) ?? '' });
  }
  return files;
}

export function isPolicyFile(name: string): boolean {
  return /\.ya?ml$/.test(name);
}
