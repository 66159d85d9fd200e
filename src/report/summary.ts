import { formatDuration } from '../domain/duration.ts';
import { isJsonObject } from '../domain/json.ts';
import { leftOutOfAll } from '../domain/left-out.ts';
import { code, codeBlock, codeInCell, wholeBlocks } from '../domain/markdown.ts';
import { hadNothingToProve, isFinal, type Run, type StageRecord, type Status } from '../domain/run.ts';
import { oneLine } from '../domain/visible-text.ts';

const signs: Record<Status, string> = {
  queued: '⚪',
  running: '🔵',
  succeeded: '✅',
  failed: '❌',
  errored: '⚠️',
  unknown: '❔',
  cancelled: '🚫',
  skipped: '➖',
};

/** How a text from outside is written: on one plain line, or as code in Markdown. */
type Written = (text: string) => string;

/** One sentence for the commit status: where the run is, or how it ended and why. */
export function headline(run: Run, written: Written = oneLine): string {
  if (run.reusedFrom !== undefined || run.stages.length === 0) return reasonOf(run, written);
  if (hadNothingToProve(run)) return `nothing was to be proven: ${reasonOf(run, written)}`;
  if (run.status === 'succeeded')
    return `proven${exceptions(run)}: ${factsOf(run, written).join(', ') || 'all stages succeeded'}`;
  if (isFinal(run.status)) return reasonOf(run, written);
  const stage = run.stages.find(({ status }) => status === 'running');
  return stage === undefined ? 'waiting for a worker' : `${written(stage.name)} …`;
}

function reasonOf({ reason, status }: Run, written: Written): string {
  return reason === '' ? status : written(firstLine(reason));
}

/** That it is proven in part only comes before what was found: a forge cuts long sentences. */
function exceptions({ stages }: Run): string {
  const count = leftOutOfAll(stages).length;
  if (count === 0) return '';
  return count === 1 ? ' but for what was left out' : ` but for ${count} things left out`;
}

/** What the stages found, as short facts: `25 conformance specs passed`. */
function factsOf(run: Run, written: Written): string[] {
  return run.stages.flatMap((stage) =>
    stage.steps.flatMap(({ kind, output }) => {
      if (!isJsonObject(output) || typeof output.passed !== 'number') return [];
      const failed = typeof output.failed === 'number' && output.failed > 0 ? `, ${output.failed} failed` : '';
      const what = kind === 'conformance' ? 'conformance specs' : `${written(stage.name)} tests`;
      return [`${output.passed} ${what} passed${failed}`];
    }),
  );
}

/**
 * The comment that stays with a pull request: verdict, stages, reasons, the diff. All that comes from outside stands in it as code, and
 * each part is bounded by whole blocks: a forge cuts a comment that is too long wherever it likes. `diff` is Markdown already.
 */
export function commentBody(run: Run, runUrl: string, diff: string | undefined): string {
  const title = `### ${signs[run.status]} Fairway: ${headline(run, (text) => code(text, 200))}`;
  const place = `${code(run.headSha.slice(0, 8))} into ${code(run.policy.branch)} · [run ${run.id}](${runUrl})`;
  const parts = [title, '', place];
  if (run.stages.length > 0 && run.reusedFrom === undefined) {
    const rows = wholeBlocks(run.stages.map(stageRow), 10_000, (more) => `| and ${more} more | | | |`);
    parts.push('', '| stage | result | took | |', '|---|---|---|---|', ...rows);
  }
  const reasons = run.stages.filter(
    ({ status, reason }) => ['failed', 'errored', 'unknown'].includes(status) && reason !== '',
  );
  const blocks = reasons.map(({ name, reason }) => `\n**${code(name)}**\n${codeBlock(reason, 4_000)}`);
  parts.push(...wholeBlocks(blocks, 9_000, (more) => `\nand ${more} more stages with a reason`));
  if (reasons.length === 0 && run.stages.length === 0 && run.reason !== '')
    parts.push('', codeBlock(run.reason, 4_000));
  // No stage says it: the run ended before it began.
  if (reasons.length === 0 && run.stages.length > 0 && run.reason.includes('\n'))
    parts.push('', codeBlock(run.reason, 4_000));
  const changes = run.gateChanges ?? [];
  if (changes.length > 0) {
    const rows = changes.slice(0, 20).map((path) => `- ${code(path)}`);
    if (changes.length > rows.length) rows.push(`- and ${changes.length - rows.length} more`);
    parts.push(
      '',
      '**It changes what judges it.** Channels and pipelines hold as they are at the base, suites run as changed:',
      ...rows,
    );
  }
  const leftOut = leftOutLines(run.stages, '- ');
  if (leftOut.length > 0) parts.push('', '**Left out**', ...leftOut);
  if (diff !== undefined)
    parts.push('', '<details><summary>What changes in the clusters</summary>', '', cutDiff(diff), '', '</details>');
  parts.push('', '<sub>`/test` runs it, `/retest` runs it again, `/cancel` ends it.</sub>');
  return parts.join('\n');
}

/** Each line of the diff's Markdown stands by itself. */
function cutDiff(diff: string): string {
  return wholeBlocks(diff.split('\n'), 34_000, () => '\n… and more; see the run').join('\n');
}

function leftOutLines(stages: readonly Pick<StageRecord, 'steps'>[], before: string): string[] {
  const lines = leftOutOfAll(stages).map((sentence) => `${before}${code(sentence)}`);
  return wholeBlocks(lines, 6_000, (more) => `${before}and ${more} more`);
}

function stageRow(stage: StageRecord): string {
  const time =
    stage.startedAt === undefined || stage.finishedAt === undefined
      ? ''
      : formatDuration(stage.finishedAt - stage.startedAt);
  const reason = stage.reason === '' ? '' : codeInCell(firstLine(stage.reason), 160);
  return `| ${codeInCell(stage.name)} | ${signs[stage.status]} ${stage.status} | ${time} | ${reason} |`;
}

/** What a check run of one stage says below its title; a forge takes 65,535 bytes. */
export function stageSummary(stage: StageRecord): string {
  const lines = stage.steps.map(
    ({ kind, status, reason }) =>
      `- ${signs[status]} ${code(kind)} ${status}${reason === '' ? '' : `: ${code(firstLine(reason))}`}`,
  );
  const more = stage.status === 'failed' || stage.status === 'errored' ? ['', codeBlock(stage.reason, 10_000)] : [];
  const leftOut = leftOutLines([stage], '- left out: ');
  return [...wholeBlocks(lines, 5_000, (count) => `- and ${count} more`), ...more, ...leftOut].join('\n');
}

export function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
