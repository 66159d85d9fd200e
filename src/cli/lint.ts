import { Command } from 'commander';
import type { ConfigProblem } from '../domain/config-file.ts';
import { FairwayError } from '../domain/errors.ts';
import { lintSource } from '../render/lint-source.ts';
import { describeRefusal, refusalOfFile } from '../render/refusal.ts';
import { readConfigFolder } from './config-folder.ts';
import { reportError } from './exit-code.ts';
import { type LintedConfig, type LintFinding, lintClusters, placeIn } from './lint-clusters.ts';
import { count, exitWith, manifestTools, outputFormat } from './render.ts';
import { print } from './terminal.ts';

interface LintOptions {
  cluster?: string;
  facts?: string;
  strict?: boolean;
  output: string;
}

/** `fairway lint`: all that is wrong in a config repository. Exit code 0: nothing, 1: something, 2: wrong use. */
export function lintCommand(): Command {
  return new Command('lint')
    .exitOverride(exitWith)
    .description('find everything that is wrong in a config repository, with the line and what would be right')
    .argument('<dir>', 'folder of the config repository')
    .option('--cluster <file>', 'cluster registry document: look at what each of its clusters would get')
    .option('--facts <file>', 'what would be asked of AWS, as JSON')
    .option('--strict', 'fail on warnings too')
    .option('--output <format>', 'text or json', 'text')
    .action(async (directory: string, options: LintOptions) => {
      process.exitCode = await runLint(directory, options).catch(reportError);
    });
}

async function runLint(directory: string, options: LintOptions): Promise<number> {
  const format = outputFormat(options.output);
  const { signal } = new AbortController();
  const config = { directory, ...(await readConfigFolder(directory, signal)) };
  if (config.files === 0 && config.problems.length === 0) {
    throw new FairwayError(
      'refused',
      `${directory} has no desired state: expected cluster/manifests or the like in it`,
    );
  }
  const clusters = await lintClusters(config, options, manifestTools(), signal);
  const findings = merge([...config.problems.map(policyFinding), ...sourceFindings(config), ...clusters.findings]);
  const told = new Set(findings.map(({ file }) => file));
  const unseen = [...new Set(clusters.unseen)].filter((file) => !told.has(file)).sort();
  print(
    format === 'json' ? `${JSON.stringify({ findings, unseen }, null, 2)}\n` : describe(findings, unseen, config.files),
  );
  return findings.some(({ severity }) => severity === 'error' || options.strict === true) ? 1 : 0;
}

function policyFinding({ file, line, field, message }: ConfigProblem): LintFinding {
  const sentence = field === '' ? message : `${field}: ${message}`;
  return { ...refusalOfFile(file, '', sentence), line, severity: 'error', clusters: [] };
}

function sourceFindings({ directory, sources }: LintedConfig): LintFinding[] {
  return [...sources].flatMap(([folder, source]) =>
    lintSource(source).map((finding) => ({ ...finding, file: placeIn(directory, folder, finding.file), clusters: [] })),
  );
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

function describe(findings: readonly LintFinding[], unseen: readonly string[], files: number): string {
  const parts = findings.map((finding) => {
    const message = finding.severity === 'warning' ? `warning: ${finding.message}` : finding.message;
    const clusters = finding.clusters.length === 0 ? '' : `\nfor ${finding.clusters.join(', ')}`;
    return `${describeRefusal({ ...finding, message })}${clusters}\n`;
  });
  if (unseen.length > 0) {
    parts.push(
      `could not be rendered for a specimen; name clusters with --cluster to have them looked at:\n  ${unseen.join('\n  ')}\n`,
    );
  }
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  const counts = [
    ...(errors === 0 ? [] : [`${errors} refused`]),
    ...(warnings === 0 ? [] : [count(warnings, 'warning')]),
  ];
  parts.push(`${counts.length === 0 ? `${count(files, 'file')}, nothing wrong` : counts.join(', ')}\n`);
  return parts.join('\n');
}
