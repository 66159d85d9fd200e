import { formatDuration } from '../domain/duration.ts';
import { isJsonObject } from '../domain/json.ts';
import { leftOutOfAll } from '../domain/left-out.ts';
import { hadNothingToProve, isFinal, type Run, type StageRecord, type Status } from '../domain/run.ts';

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

/** One sentence for the commit status: where the run is, or how it ended and why. */
export function headline(run: Run): string {
  if (run.reusedFrom !== undefined || run.stages.length === 0) return firstLine(run.reason) || run.status;
  if (hadNothingToProve(run)) return `nothing was to be proven: ${firstLine(run.reason)}`;
  if (run.status === 'succeeded')
    return `proven${exceptions(run)}: ${factsOf(run).join(', ') || 'all stages succeeded'}`;
  if (isFinal(run.status)) return firstLine(run.reason);
  const stage = run.stages.find(({ status }) => status === 'running');
  return stage === undefined ? 'waiting for a worker' : `${stage.name} …`;
}

/** That it is proven in part only comes before what was found: a forge cuts long sentences. */
function exceptions({ stages }: Run): string {
  const count = leftOutOfAll(stages).length;
  if (count === 0) return '';
  return count === 1 ? ' but for what was left out' : ` but for ${count} things left out`;
}

/** What the stages found, as short facts: `25 conformance specs passed`. */
export function factsOf(run: Run): string[] {
  return run.stages.flatMap((stage) =>
    stage.steps.flatMap(({ kind, output }) => {
      if (!isJsonObject(output) || typeof output.passed !== 'number') return [];
      const failed = typeof output.failed === 'number' && output.failed > 0 ? `, ${output.failed} failed` : '';
      return [
        `${output.passed} ${kind === 'conformance' ? 'conformance specs' : `${stage.name} tests`} passed${failed}`,
      ];
    }),
  );
}

/** The comment that stays with a pull request: verdict, stages, reasons, the diff. */
export function commentBody(run: Run, runUrl: string, diff: string | undefined): string {
  const title = `### ${signs[run.status]} Fairway: ${headline(run)}`;
  const parts = [
    title,
    '',
    `\`${run.headSha.slice(0, 8)}\` into **${run.policy.branch}** · [run ${run.id}](${runUrl})`,
  ];
  if (run.stages.length > 0 && run.reusedFrom === undefined)
    parts.push('', '| stage | result | took | |', '|---|---|---|---|', ...run.stages.map(stageRow));
  const reasons = run.stages.filter(
    ({ status, reason }) => ['failed', 'errored', 'unknown'].includes(status) && reason !== '',
  );
  for (const { name, reason } of reasons) parts.push('', `**${name}**`, '```', cut(reason, 4_000), '```');
  if (reasons.length === 0 && run.stages.length === 0) parts.push('', cut(run.reason, 4_000));
  const leftOut = leftOutOfAll(run.stages);
  if (leftOut.length > 0) parts.push('', '**Left out**', ...leftOut.map((sentence) => `- ${cut(sentence, 1_000)}`));
  if (diff !== undefined)
    parts.push('', '<details><summary>What changes in the clusters</summary>', '', cut(diff, 40_000), '', '</details>');
  parts.push('', '<sub>`/test` runs it, `/retest` runs it again, `/cancel` ends it.</sub>');
  return parts.join('\n');
}

function stageRow(stage: StageRecord): string {
  const time =
    stage.startedAt === undefined || stage.finishedAt === undefined
      ? ''
      : formatDuration(stage.finishedAt - stage.startedAt);
  return `| ${stage.name} | ${signs[stage.status]} ${stage.status} | ${time} | ${cut(firstLine(stage.reason), 160).replaceAll('|', '\\|')} |`;
}

/** What a check run of one stage says below its title. */
export function stageSummary(stage: StageRecord): string {
  const lines = stage.steps.map(
    ({ kind, status, reason }) =>
      `- ${signs[status]} **${kind}** ${status}${reason === '' ? '' : `: ${firstLine(reason)}`}`,
  );
  const more =
    stage.status === 'failed' || stage.status === 'errored' ? ['', '```', cut(stage.reason, 20_000), '```'] : [];
  const leftOut = leftOutOfAll([stage]).map((sentence) => `- left out: ${cut(sentence, 1_000)}`);
  return [...lines, ...more, ...leftOut].join('\n');
}

export function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
