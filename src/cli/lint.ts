import { Command } from 'commander';
import { fileFacts, readFactsFile } from '../adapters/facts/file-facts.ts';
import { noFacts } from '../adapters/facts/no-facts.ts';
import { FairwayError } from '../domain/errors.ts';
import { lintSource } from '../render/lint-source.ts';
import { describeRefusal, type Refusal } from '../render/refusal.ts';
import { ChannelRenderer } from '../render/render-cluster.ts';
import { type LoadedSource, loadSource } from '../render/source-folder.ts';
import { readClusterFile } from './cluster-file.ts';
import { reportError } from './exit-code.ts';
import { exitWith, manifestTools, outputFormat } from './render.ts';

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
  const source = await loadSource({ name: 'main', directory }, signal);
  if (source.files.size === 0) {
    throw new FairwayError(
      'refused',
      `${directory} has no desired state: expected cluster/manifests or the like in it`,
    );
  }
  const findings = merge([...lintFindings(source), ...(await renderFindings(source, options, signal))]);
  process.stdout.write(format === 'json' ? `${JSON.stringify({ findings }, null, 2)}\n` : describe(findings, source));
  return findings.length === 0 ? 0 : 1;
}

function lintFindings(source: LoadedSource): LintFinding[] {
  return lintSource(source).map((refusal) => ({ ...refusal, clusters: [] }));
}

async function renderFindings(source: LoadedSource, options: LintOptions, signal: AbortSignal): Promise<LintFinding[]> {
  if (options.cluster === undefined) return [];
  const listed = await readClusterFile(options.cluster);
  const facts = options.facts === undefined ? undefined : await readFactsFile(options.facts);
  const renderer = new ChannelRenderer([source]);
  const tools = manifestTools();
  const findings: LintFinding[] = [];
  for (const cluster of listed) {
    const clusterFacts = facts === undefined ? noFacts(cluster.id) : fileFacts(facts, cluster);
    const { refusals } = await renderer.render({ cluster, listed, facts: clusterFacts, tools, signal });
    findings.push(...refusals.map((refusal) => ({ ...refusal, clusters: [cluster.id] })));
  }
  return findings;
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

function describe(findings: readonly LintFinding[], source: LoadedSource): string {
  if (findings.length === 0) return `${source.files.size} files, nothing wrong\n`;
  const parts = findings.map((finding) => {
    const clusters = finding.clusters.length === 0 ? '' : `\nfor ${finding.clusters.join(', ')}`;
    return `${describeRefusal(finding)}${clusters}\n`;
  });
  return `${parts.join('\n')}\n${findings.length} refused\n`;
}
