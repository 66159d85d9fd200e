import type { z } from 'zod';
import { type Channel, channel } from '../domain/channel.ts';
import { formatProblem, parseConfigFile } from '../domain/config-file.ts';
import { type Pipeline, pipelineSchema } from '../domain/pipeline.ts';
import type { GitRepository } from '../ports/git-source.ts';

/** The rules in a config repository at one revision. */
export interface Policy {
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
  const problems: string[] = [];
  const readAll = async <T>(folder: string, schema: z.ZodType<T>): Promise<T[]> => {
    const values: T[] = [];
    for (const name of await repository.listFiles(revision, folder)) {
      if (!/\.ya?ml$/.test(name)) continue;
      const text = (await repository.readFile(revision, `${folder}/${name}`)) ?? '';
      const parsed = parseConfigFile(`${folder}/${name}`, text, schema);
      if (parsed.outcome === 'valid') values.push(parsed.value);
      else problems.push(...parsed.problems.map(formatProblem));
    }
    return values;
  };
  const channels = await readAll('channels', channel);
  const pipelines = await readAll('pipelines', pipelineSchema(steps));
  if (channels.length === 0 && problems.length === 0)
    problems.push(
      'channels/: there is no channel file; a channel is channels/<name>.yaml with at least channel: and branch:',
    );
  for (const [index, { channel: name, branch }] of channels.entries()) {
    const twin = channels.findIndex((other) => other.channel === name || other.branch === branch);
    if (twin !== index)
      problems.push(`channels/${name}.yaml: the channel ${name} or its branch ${branch} is there twice`);
  }
  for (const { channel: name, promotion } of channels) {
    if (promotion && !channels.some((other) => other.channel === promotion.to))
      problems.push(`channels/${name}.yaml: promotion.to: there is no channel "${promotion.to}"`);
  }
  return { channels, pipelines, problems };
}
