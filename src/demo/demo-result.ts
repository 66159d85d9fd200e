import { isJsonObject } from '../domain/json.ts';
import { type Run, type StageRecord, type Verdict, verdictOf } from '../domain/run.ts';

export interface StageResult {
  stage: string;
  verdict: Verdict;
  passed?: number;
  failed?: number;
  skipped?: number;
}

export interface PullRequestResult {
  number: number;
  verdict: Verdict;
  /** Where it was stopped, and why; only when it was. */
  stage?: string;
  reason?: string;
  stages: StageResult[];
}

export interface ChannelResult {
  revision: string;
  tree: string;
  converged: boolean;
}

/** What the demo prints as its last line with `--output json`. */
export interface DemoResult {
  pullRequests: PullRequestResult[];
  channels: Record<string, ChannelResult>;
  reusedEvidence: number;
  /** What could not be shown on this machine, as sentences. */
  leftOut: string[];
  leftovers: string[];
  seconds: number;
}

export function pullRequestResult(number: number, run: Run): PullRequestResult {
  const verdict = verdictOf(run.status);
  const stopped = run.stages.find(({ status }) => status !== 'succeeded');
  return {
    number,
    verdict,
    ...(verdict === 'success' || !stopped ? {} : { stage: stopped.name, reason: stopped.reason }),
    stages: run.stages.map(stageResult),
  };
}

function stageResult(stage: StageRecord): StageResult {
  const counts = stage.steps
    .map(({ output }) => output)
    .find((output) => isJsonObject(output) && typeof output.passed === 'number');
  const count = (name: string): number => (isJsonObject(counts) && typeof counts[name] === 'number' ? counts[name] : 0);
  return {
    stage: stage.name,
    verdict: verdictOf(stage.status),
    ...(counts === undefined ? {} : { passed: count('passed'), failed: count('failed'), skipped: count('skipped') }),
  };
}

/** Every part of the story that did not hold, as sentences; empty when all of it did. */
export function shortcomings(result: DemoResult): string[] {
  const [good, ...bad] = result.pullRequests;
  const found: string[] = [];
  const expect = (holds: boolean, sentence: string): void => void (holds || found.push(sentence));
  expect(good?.verdict === 'success', 'the good change was not proven');
  expect(bad.length > 0, 'no bad change was tried');
  for (const { number, verdict, stage } of bad)
    expect(verdict === 'failure' && stage === 'upgrade', `#${number}, a bad change, was not stopped at upgrade`);
  for (const [name, { converged }] of Object.entries(result.channels)) expect(converged, `${name} did not converge`);
  expect(
    new Set(Object.values(result.channels).map(({ tree }) => tree)).size === 1,
    'the channels do not have the same tree',
  );
  expect(result.reusedEvidence === 2, `the evidence was reused ${result.reusedEvidence} times instead of twice`);
  expect(result.leftovers.length === 0, `left over: ${result.leftovers.join(', ')}`);
  return found;
}
