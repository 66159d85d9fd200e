import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Channel, type ChannelSource, sourcesOf } from '../domain/channel.ts';
import type { ConfigProblem } from '../domain/config-file.ts';
import type { Pipeline } from '../domain/pipeline.ts';
import { type LoadedSource, loadSource } from '../render/source-folder.ts';
import { checkPolicy, idleBranches, type PolicyFile } from '../steps/check-policy.ts';
import { isPolicyFile } from '../steps/policy-files.ts';
import { stepSchemas } from '../steps/registry.ts';

/** A config repository as a folder. */
export interface ConfigFolder {
  /** The channels whose files are valid; none in a folder that has desired state only. */
  channels: Channel[];
  /** Those whose files are valid. */
  pipelines: Pipeline[];
  /** By folder, as channels name them; `.` in a folder without channels. */
  sources: ReadonlyMap<string, LoadedSource>;
  problems: ConfigProblem[];
  /** How many files were looked at. */
  files: number;
}

/** Reads the channels, pipelines, and all the desired state that the channels name. */
export async function readConfigFolder(directory: string, signal: AbortSignal): Promise<ConfigFolder> {
  const problems: ConfigProblem[] = [];
  const files = [
    ...(await readFiles(directory, 'channels', problems)),
    ...(await readFiles(directory, 'pipelines', problems)),
  ];
  if (files.length === 0 && problems.length === 0) {
    const sources = new Map([['.', await loadSource({ name: 'main', directory }, signal)]]);
    return { channels: [], pipelines: [], sources, problems, files: countOf(sources) };
  }
  const policy = checkPolicy(files, stepSchemas);
  problems.push(...policy.problems, ...idleBranches(policy));
  const sources = new Map<string, LoadedSource>();
  for (const { value, problem } of policy.channels) {
    for (const [index, source] of sourcesOf(value).entries()) {
      const loaded = sources.get(source.folder) ?? (await loadFolder(directory, source, signal));
      if (loaded !== undefined) sources.set(source.folder, loaded);
      else {
        const path = typeof value.source === 'string' ? ['source'] : ['source', index, 'folder'];
        problems.push(problem(path, `there is no folder "${source.folder}"`));
      }
    }
  }
  return {
    channels: policy.channels.map(({ value }) => value),
    pipelines: policy.pipelines.map(({ value }) => value),
    sources,
    problems,
    files: files.length + countOf(sources),
  };
}

async function loadFolder(
  directory: string,
  { name, folder }: ChannelSource,
  signal: AbortSignal,
): Promise<LoadedSource | undefined> {
  const wanted = join(directory, folder);
  const stats = await stat(wanted).catch(() => undefined);
  return stats?.isDirectory() ? loadSource({ name, directory: wanted, within: directory }, signal) : undefined;
}

async function readFiles(directory: string, folder: string, problems: ConfigProblem[]): Promise<PolicyFile[]> {
  const files: PolicyFile[] = [];
  for (const name of (await readdir(join(directory, folder)).catch(() => [])).filter(isPolicyFile).sort()) {
    const path = `${folder}/${name}`;
    if ((await lstat(join(directory, path))).isFile())
      files.push({ path, text: await readFile(join(directory, path), 'utf8') });
    else problems.push({ file: path, line: 0, field: '', message: 'this is no regular file; put a file there' });
  }
  return files;
}

function countOf(sources: ReadonlyMap<string, LoadedSource>): number {
  let count = 0;
  for (const { files, components } of sources.values()) {
    count += files.size;
    for (const component of components) if (component.kind !== 'templates') count += component.input.files.size;
  }
  return count;
}
