import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { Command } from 'commander';
import { fileFacts, readFactsFile } from '../adapters/facts/file-facts.ts';
import { noFacts } from '../adapters/facts/no-facts.ts';
import { sourcesOf } from '../domain/channel.ts';
import type { Cluster } from '../domain/cluster.ts';
import type { ConfigProblem } from '../domain/config-file.ts';
import { FairwayError } from '../domain/errors.ts';
import { lintSource } from '../render/lint-source.ts';
import { describeRefusal, type Refusal, refusalOfFile } from '../render/refusal.ts';
import { ChannelRenderer } from '../render/render-cluster.ts';
import { readClusterFile } from './cluster-file.ts';
import { type ConfigFolder, readConfigFolder } from './config-folder.ts';
import { reportError } from './exit-code.ts';
import { count, exitWith, manifestTools, outputFormat } from './render.ts';

interface LintOptions {
  cluster?: string;
  facts?: string;
  output: string;
}

/** A refusal with the clusters that it was found for; none when it does not depend on a cluster. */
export interface LintFinding extends Refusal {
  clusters: string[];
}

/** `fairway lint`: all that is wrong in a config repository. Exit code 0: nothing, 1: something, 2: wrong use. */
export function lintCommand(): Command {
  return new Command('lint')
    .exitOverride(exitWith)
    .description('find everything that is wrong in a config repository, with the line and what would be right')
    .argument('<dir>', 'folder of the config repository')
    .option('--cluster <file>', 'cluster registry document: render for each of its clusters too')
    .option('--facts <file>', 'what would be asked of AWS, as JSON')
    .option('--output <format>', 'text or json', 'text')
    .action(async (directory: string, options: LintOptions) => {
      process.exitCode = await runLint(directory, options).catch(reportError);
    });
}

async function runLint(directory: string, options: LintOptions): Promise<number> {
  const format = outputFormat(options.output);
  const { signal } = new AbortController();
  const config = await readConfigFolder(directory, signal);
  if (config.files === 0 && config.problems.length === 0) {
    throw new FairwayError(
      'refused',
      `${directory} has no desired state: expected cluster/manifests or the like in it`,
    );
  }
  const findings = merge([
    ...config.problems.map(policyFinding),
    ...lintFindings(directory, config),
    ...(await renderFindings(directory, config, options, signal)),
  ]);
  process.stdout.write(
    format === 'json' ? `${JSON.stringify({ findings }, null, 2)}\n` : describe(findings, config.files),
  );
  return findings.length === 0 ? 0 : 1;
}

function policyFinding({ file, line, field, message }: ConfigProblem): LintFinding {
  const sentence = field === '' ? message : `${field}: ${message}`;
  return { ...refusalOfFile(file, '', sentence), line, clusters: [] };
}

function lintFindings(directory: string, { sources }: ConfigFolder): LintFinding[] {
  return [...sources].flatMap(([folder, source]) =>
    lintSource(source).map((refusal) => ({ ...refusal, file: placeIn(directory, folder, refusal.file), clusters: [] })),
  );
}

/** A render's paths begin with `cluster/`, whatever the folder is called. */
function placeIn(directory: string, folder: string, file: string): string {
  if (!file.startsWith('cluster/') || folder === '.') return file;
  const inside = existsSync(join(directory, folder, 'cluster')) ? file : file.slice('cluster/'.length);
  return posix.join(folder, inside);
}

async function renderFindings(
  directory: string,
  config: ConfigFolder,
  options: LintOptions,
  signal: AbortSignal,
): Promise<LintFinding[]> {
  if (options.cluster === undefined) return [];
  const listed = await readClusterFile(options.cluster);
  const facts = options.facts === undefined ? undefined : await readFactsFile(options.facts);
  const renderers = new Map<string, ChannelRenderer>();
  const tools = manifestTools();
  const findings: LintFinding[] = [];
  for (const cluster of listed) {
    const folders = foldersFor(config, cluster);
    const sources = folders.flatMap((folder) => config.sources.get(folder) ?? []);
    const renderer = renderers.get(folders.join('\n')) ?? new ChannelRenderer(sources);
    renderers.set(folders.join('\n'), renderer);
    const clusterFacts = facts === undefined ? noFacts(cluster.id) : fileFacts(facts, cluster);
    const { refusals } = await renderer.render({ cluster, listed, facts: clusterFacts, tools, signal });
    for (const refusal of refusals) {
      const [folder, ...others] = folders.filter((one) => folders.length === 1 || holds(config, one, refusal.file));
      // Where several sources have such a file, the message names the source.
      const file = folder === undefined || others.length > 0 ? refusal.file : placeIn(directory, folder, refusal.file);
      findings.push({ ...refusal, file, clusters: [cluster.id] });
    }
  }
  return findings;
}

/** A cluster of no channel that is here is taken as one of the first. */
function foldersFor({ channels, sources }: ConfigFolder, cluster: Cluster): string[] {
  const channel = channels.find((one) => one.channel === cluster.channel) ?? channels[0];
  return channel === undefined ? [...sources.keys()] : sourcesOf(channel).map(({ folder }) => folder);
}

function holds({ sources }: ConfigFolder, folder: string, file: string): boolean {
  const source = sources.get(folder);
  const inComponent = source?.components.some((one) => one.kind !== 'templates' && one.input.files.has(file));
  return source?.files.has(file) === true || inComponent === true;
}

/** The same fault said once, with all its clusters. */
function merge(findings: readonly LintFinding[]): LintFinding[] {
  const merged = new Map<string, LintFinding>();
  for (const finding of findings) {
    const { file, line, column, message } = finding;
    const known = merged.get(JSON.stringify([file, line, column, message]));
    if (known === undefined) merged.set(JSON.stringify([file, line, column, message]), { ...finding });
    else if (known.clusters.length > 0) known.clusters = [...known.clusters, ...finding.clusters];
  }
  return [...merged.values()].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

function describe(findings: readonly LintFinding[], files: number): string {
  if (findings.length === 0) return `${count(files, 'file')}, nothing wrong\n`;
  const parts = findings.map((finding) => {
    const clusters = finding.clusters.length === 0 ? '' : `\nfor ${finding.clusters.join(', ')}`;
    return `${describeRefusal(finding)}${clusters}\n`;
  });
  return `${parts.join('\n')}\n${findings.length} refused\n`;
}
