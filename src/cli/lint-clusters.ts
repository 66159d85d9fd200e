import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { type FactsFile, fileFacts, readFactsFile } from '../adapters/facts/file-facts.ts';
import { noFacts } from '../adapters/facts/no-facts.ts';
import { type Channel, sourcesOf } from '../domain/channel.ts';
import type { Cluster } from '../domain/cluster.ts';
import { FairwayError } from '../domain/errors.ts';
import type { Pipeline } from '../domain/pipeline.ts';
import type { ManifestTools } from '../ports/manifest-tools.ts';
import type { Finding } from '../render/lint/finding.ts';
import { ChannelRenderer, type RenderInput } from '../render/render-cluster.ts';
import { specimenCluster } from '../steps/target.ts';
import { readClusterFile } from './cluster-file.ts';
import type { ConfigFolder } from './config-folder.ts';

/** A finding with the clusters that it was found for; none when it does not depend on a cluster. */
export interface LintFinding extends Finding {
  clusters: string[];
}

export interface LintedClusters {
  findings: LintFinding[];
  /** Files that could not be looked at, because no cluster was named and they need what only a cluster has. */
  unseen: string[];
}

export interface LintedConfig extends ConfigFolder {
  /** As the user named it. */
  directory: string;
}

interface Given {
  cluster?: string;
  facts?: string;
}

/** What is wrong with what the given clusters would get; without any, with what a specimen of each channel would. */
export async function lintClusters(
  config: LintedConfig,
  given: Given,
  tools: ManifestTools,
  signal: AbortSignal,
): Promise<LintedClusters> {
  const facts = given.facts === undefined ? undefined : await readFactsFile(given.facts);
  const listed = given.cluster === undefined ? undefined : await readClusterFile(given.cluster);
  const renderers = new Map<string, ChannelRenderer>();
  const linted: LintedClusters = { findings: [], unseen: [] };
  for (const cluster of listed ?? specimensOf(config)) {
    const folders = foldersFor(config, cluster);
    const key = folders.join('\n');
    const renderer =
      renderers.get(key) ?? new ChannelRenderer(folders.flatMap((folder) => config.sources.get(folder) ?? []));
    renderers.set(key, renderer);
    const input = { cluster, facts: factsOf(cluster, facts), signal, ...(listed === undefined ? {} : { listed }) };
    const place = (file: string) => repositoryPath(config, folders, file);
    if (listed === undefined) addSpecimen(linted, await lintSpecimen(renderer, input, tools), place);
    else addCluster(linted, await renderer.lint({ ...input, tools }), place);
  }
  return linted;
}

function factsOf(cluster: Cluster, facts: FactsFile | undefined) {
  return facts === undefined ? noFacts(cluster.id) : fileFacts(facts, cluster);
}

type Linted = Awaited<ReturnType<ChannelRenderer['lint']>>;
type Place = (file: string) => string;

function addCluster(linted: LintedClusters, { rendered, findings }: Linted, place: Place): void {
  const refusals = rendered.refusals.map((refusal) => ({ ...refusal, severity: 'error' as const }));
  for (const finding of [...refusals, ...findings]) {
    linted.findings.push({ ...finding, file: place(finding.file), clusters: [rendered.clusterId] });
  }
}

/** Templates may lack what only real clusters have. What can be read of them is the same for all. */
function addSpecimen(linted: LintedClusters, { rendered, findings }: Linted, place: Place): void {
  for (const refusal of rendered.refusals) {
    const file = place(refusal.file);
    if (refusal.refused === 'output') linted.findings.push({ ...refusal, file, severity: 'error', clusters: [] });
    else if (refusal.file.includes('/')) linted.unseen.push(file);
  }
  for (const finding of findings) linted.findings.push({ ...finding, file: place(finding.file), clusters: [] });
}

/** Where the tools can't be had, without what they render: who names no cluster may be offline. */
async function lintSpecimen(
  renderer: ChannelRenderer,
  input: Omit<RenderInput, 'tools'>,
  tools: ManifestTools,
): Promise<Linted> {
  try {
    return await renderer.lint({ ...input, tools });
  } catch (error) {
    if (!(error instanceof FairwayError) || error.kind !== 'unavailable') throw error;
    return renderer.lint(input);
  }
}

/** One of each channel, as its pull requests would be proven on. */
function specimensOf({ channels, pipelines }: ConfigFolder): Cluster[] {
  if (channels.length === 0) return [specimenCluster({ channel: 'dev' })];
  return channels.map((channel) => specimenCluster(channel, parametersFor(channel, pipelines)));
}

function parametersFor({ branch }: Channel, pipelines: readonly Pipeline[]): Record<string, unknown> {
  const proving = pipelines.find(({ on }) => on.event === 'pull-request' && on.branches.includes(branch));
  const steps = proving?.stages.flatMap((stage) => stage.steps) ?? [];
  return steps.find(({ kind }) => kind === 'create-cluster')?.with ?? {};
}

/** A cluster of no channel that is here is taken as one of the first. */
function foldersFor({ channels, sources }: ConfigFolder, cluster: Cluster): string[] {
  const channel = channels.find((one) => one.channel === cluster.channel) ?? channels[0];
  return channel === undefined ? [...sources.keys()] : sourcesOf(channel).map(({ folder }) => folder);
}

function repositoryPath(config: LintedConfig, folders: readonly string[], file: string): string {
  const [folder, ...others] = folders.filter((one) => folders.length === 1 || holds(config, one, file));
  // Where several sources have such a file, the message names the source.
  return folder === undefined || others.length > 0 ? file : placeIn(config.directory, folder, file);
}

function holds({ sources }: ConfigFolder, folder: string, file: string): boolean {
  const source = sources.get(folder);
  const inComponent = source?.components.some((one) => one.kind !== 'templates' && one.input.files.has(file));
  return source?.files.has(file) === true || inComponent === true;
}

/** A render's paths begin with `cluster/`, whatever the folder is called. */
export function placeIn(directory: string, folder: string, file: string): string {
  if (!file.startsWith('cluster/') || folder === '.') return file;
  const inside = existsSync(join(directory, folder, 'cluster')) ? file : file.slice('cluster/'.length);
  return posix.join(folder, inside);
}
