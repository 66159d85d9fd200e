import { z } from 'zod';
import type { Json } from '../domain/json.ts';
import type { Run, StageRecord, StepRecord } from '../domain/run.ts';

const statuses = ['queued', 'running', 'succeeded', 'failed', 'errored', 'unknown', 'cancelled', 'skipped'] as const;
export const runKinds = ['pull-request', 'rollout', 'rollback', 'promotion', 'prove'] as const;

const moment = z.number().optional().describe('epoch milliseconds');
const progress = { status: z.enum(statuses), reason: z.string(), startedAt: moment, finishedAt: moment };

/** z.json() describes itself by a reference, which breaks where its description becomes a part of another. */
const anyJson = z.custom<Json>();

const stepView = z.object({
  ...progress,
  kind: z.string(),
  with: z.record(z.string(), anyJson),
  attempts: z.number().describe('how often it broke'),
  progress: z.string().describe('what it waits for'),
  output: anyJson,
});

const stageSummary = z.object({
  ...progress,
  name: z.string(),
  cluster: z.string().optional(),
  wave: z.string().optional(),
});

const stageView = stageSummary.extend({ always: z.boolean(), after: z.array(z.string()), steps: z.array(stepView) });

export const runSummary = z.object({
  ...progress,
  id: z.string(),
  kind: z.enum(runKinds),
  repository: z.string(),
  channel: z.string(),
  pullRequest: z.number().optional(),
  baseSha: z.string().optional(),
  headSha: z.string(),
  tree: z.string(),
  reusedFrom: z.string().optional().describe('the run whose verdict was taken over'),
  requestedBy: z.string(),
  createdAt: z.number(),
  cancelReason: z.string().optional(),
  stages: z.array(stageSummary),
});

export const runView = runSummary.extend({ stages: z.array(stageView) });

export type RunSummary = z.output<typeof runSummary>;
export type RunView = z.output<typeof runView>;
export type StageView = z.output<typeof stageView>;
export type StepView = z.output<typeof stepView>;

/** A run without what only the engine needs; a step's memo stays inside. */
export function toRunView(run: Run): RunView {
  return present<RunView>({ ...common(run), stages: run.stages.map(toStageView) });
}

export function toRunSummary(run: Run): RunSummary {
  return present<RunSummary>({ ...common(run), stages: run.stages.map(summarizeStage) });
}

function common(run: Run) {
  const { id, kind, repository, channel, pullRequest, baseSha, headSha, tree, reusedFrom, requestedBy } = run;
  const { createdAt, cancelReason } = run;
  const subject = { id, kind, repository, channel, pullRequest, baseSha, headSha, tree, reusedFrom, requestedBy };
  return { ...subject, createdAt, cancelReason, ...progressOf(run) };
}

function summarizeStage(stage: StageRecord) {
  return present({ name: stage.name, cluster: stage.cluster, wave: stage.wave, ...progressOf(stage) });
}

function toStageView(stage: StageRecord) {
  return { ...summarizeStage(stage), always: stage.always, after: stage.after, steps: stage.steps.map(toStepView) };
}

function toStepView(step: StepRecord) {
  const { kind, attempts, progress, output } = step;
  return present({ ...progressOf(step), kind, with: step.with, attempts, progress, output });
}

function progressOf({ status, reason, startedAt, finishedAt }: Run | StageRecord | StepRecord) {
  return { status, reason, startedAt, finishedAt };
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Without the fields that are undefined. */
function present<T extends object>(object: { [K in keyof T]: T[K] | undefined } & object): Present<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Present<T>;
}
