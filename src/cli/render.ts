import { Command, type CommanderError } from 'commander';
import { fileFacts, readFactsFile } from '../adapters/facts/file-facts.ts';
import { noFacts } from '../adapters/facts/no-facts.ts';
import { createManifestTools } from '../adapters/manifest-tools/create-manifest-tools.ts';
import type { Cluster } from '../domain/cluster.ts';
import { FairwayError } from '../domain/errors.ts';
import type { ManifestTools } from '../ports/manifest-tools.ts';
import { describeRefusal } from '../render/refusal.ts';
import { ChannelRenderer } from '../render/render-cluster.ts';
import type { RenderedCluster } from '../render/rendered-cluster.ts';
import type { Source } from '../render/source-folder.ts';
import { unsandboxedTools } from '../unsandboxed-tools.ts';
import { readClusterFile } from './cluster-file.ts';
import { exitCodes, reportError } from './exit-code.ts';
import { writeRender } from './render-output.ts';
import { print, say } from './terminal.ts';

interface RenderOptions {
  source: string[];
  cluster: string;
  id?: string;
  facts?: string;
  out?: string;
  output: string;
}

/** `fairway render`: what a cluster is to be, as files. Exit code 0: all rendered, 1: a file was refused, 2: wrong use. */
export function renderCommand(): Command {
  return new Command('render')
    .exitOverride(exitWith)
    .description('render a config repository for a cluster, as the templates’ output and their refusals')
    .requiredOption(
      '--source <dir...>',
      'folder of the config repository; several as NAME=DIR, the first has stacks and node pools',
    )
    .requiredOption('--cluster <file>', 'cluster registry document: {clusters: […]}, {items: […]} or one cluster')
    .option('--id <id>', 'the cluster to render; needed when the file has several')
    .option('--facts <file>', 'what would be asked of AWS, as JSON')
    .option('--out <dir>', 'where the output is written; a former output there is replaced')
    .option('--output <format>', 'text or json', 'text')
    .action(async (options: RenderOptions) => {
      process.exitCode = await runRender(options).catch(reportError);
    });
}

/** Commander would exit with 1 for an unknown option, which means that the world said no. */
export function exitWith({ exitCode }: CommanderError): never {
  process.exit(exitCode === 0 ? exitCodes.done : exitCodes.usage);
}

async function runRender(options: RenderOptions): Promise<number> {
  const format = outputFormat(options.output);
  const listed = await readClusterFile(options.cluster);
  const cluster = chooseCluster(listed, options);
  const facts =
    options.facts === undefined ? noFacts(cluster.id) : fileFacts(await readFactsFile(options.facts), cluster);
  const { signal } = new AbortController();
  const sources = readSources(options.source);
  const renderer = await ChannelRenderer.open(sources, signal);
  const rendered = await renderer.render({ cluster, listed, facts, tools: manifestTools(), signal });
  if (options.out !== undefined) await writeRender(options.out, rendered, sources);
  print(format === 'json' ? `${JSON.stringify(reportOf(rendered), null, 2)}\n` : describe(rendered));
  return rendered.refusals.length === 0 ? 0 : 1;
}

/** Their progress is no output. */
export function manifestTools(): ManifestTools {
  return createManifestTools({ report: say, unsandboxed: unsandboxedTools() });
}

export function outputFormat(value: string): 'text' | 'json' {
  if (value === 'text' || value === 'json') return value;
  throw new FairwayError('refused', `--output ${value}: there are text and json`);
}

function readSources(values: readonly string[]): Source[] {
  const sources = values.map(readSource);
  const twice = sources.find(({ name }, index) => sources.findIndex((other) => other.name === name) < index);
  if (twice === undefined) return sources;
  throw new FairwayError('refused', `--source: two sources are called ${twice.name}; give each NAME=DIR another name`);
}

function readSource(value: string, index: number): Source {
  const [, name, directory] = /^([\w-]+)=(.+)$/.exec(value) ?? [];
  if (name !== undefined && directory !== undefined) return { name, directory };
  return { name: index === 0 ? 'main' : `source-${index + 1}`, directory: value };
}

function chooseCluster(listed: readonly Cluster[], options: RenderOptions): Cluster {
  const ids = listed.map((cluster) => cluster.id).join(', ');
  const [first, second] = listed;
  if (options.id === undefined && first !== undefined && second === undefined) return first;
  if (options.id === undefined) throw new FairwayError('refused', `say which cluster with --id; there are ${ids}`);
  const found = listed.find((cluster) => cluster.id === options.id || cluster.alias === options.id);
  if (found !== undefined) return found;
  throw new FairwayError('missing', `--id ${options.id}: no such cluster in ${options.cluster}; there are ${ids}`);
}

function reportOf(rendered: RenderedCluster) {
  return {
    cluster: rendered.clusterId,
    version: rendered.version,
    files: [...rendered.files.keys()],
    components: rendered.components.map(({ name, manifests }) => ({ name, objects: manifests.length })),
    stacks: rendered.stacks.map(({ kind, name, file }) => ({ kind, name, file })),
    refusals: rendered.refusals,
  };
}

function describe(rendered: RenderedCluster): string {
  const objects = rendered.components.reduce((sum, { manifests }) => sum + manifests.length, 0);
  const lines = [
    ...rendered.refusals.map((refusal) => `${describeRefusal(refusal)}\n`),
    `cluster ${rendered.clusterId}, version ${rendered.version}`,
    [
      count(rendered.files.size, 'file'),
      count(rendered.components.length, 'component'),
      count(objects, 'object'),
      count(rendered.stacks.length, 'stack'),
    ].join(', '),
    ...(rendered.refusals.length === 0 ? [] : [`${rendered.refusals.length} refused`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** `1 file`, `2 files`. */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
