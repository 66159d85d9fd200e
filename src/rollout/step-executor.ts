import { once } from 'node:events';
import { FairwayError, messageOf } from '../domain/errors.ts';
import { isFinal, type Run, type StageRecord, type StepRecord } from '../domain/run.ts';
import type { Discretion } from '../domain/secrets/discretion.ts';
import type { Step, StepContext, StepOutcome } from '../steps/step.ts';
import type { World } from '../steps/world.ts';
import { discreetArtifacts } from './discreet-artifacts.ts';

/** How often a step may break before we give up, when it was not the outside that was away. */
const maxAttempts = 4;
const firstPause = 500;
const longestPause = 30_000;
/** A worker that is merely busy looks at a step later than it should, too. */
const shortestAbsence = 5_000;

export interface StepCall {
  run: Run;
  stage: StageRecord;
  record: StepRecord;
  step: Step;
  world: World;
  /** Through it goes all that the step tells. */
  discretion: Discretion;
  log(text: string): void;
  /** Ends when the run is lost to another worker. */
  signal: AbortSignal;
  /** Ends when someone wishes the run to end; what always runs is not told. */
  cancelled: AbortSignal | undefined;
}

/** Calls a step once and notes in its record what came of it, or nothing when it was cut short by a wish to cancel. Throws only when the signal took the run away. */
export async function executeStep(call: StepCall): Promise<void> {
  const { record, stage, step } = call;
  record.startedAt ??= Date.now();
  record.status = 'running';
  noteAbsence(record);
  const deadline = deadlineOf(stage, record, step);
  if (Date.now() >= deadline) {
    finish(record, step.late, tooLate(record, deadline));
    await stopStep(call);
    return;
  }
  try {
    const ends = [call.signal, AbortSignal.timeout(Math.max(1, deadline - Date.now()))];
    const signal = AbortSignal.any(call.cancelled ? [...ends, call.cancelled] : ends);
    note(record, await orAborted(step.run(contextOf(call, signal), record.with), signal), call.discretion);
  } catch (error) {
    call.signal.throwIfAborted();
    if (call.cancelled?.aborted) return;
    if (Date.now() >= deadline) finish(record, step.late, tooLate(record, deadline));
    else noteError(record, error, call);
    if (isFinal(record.status)) await stopStep(call);
  }
}

/** Ends what a step that was cut short has left running outside; what can't be ended goes with the cluster or the reaper. */
export async function stopStep(call: StepCall): Promise<void> {
  try {
    await call.step.stop(contextOf(call, AbortSignal.any([call.signal, AbortSignal.timeout(30_000)])));
  } catch (error) {
    call.signal.throwIfAborted();
    call.log(`could not be stopped: ${messageOf(error)}`);
  }
}

/** A step that does not heed its signal must not keep the worker. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const done = new AbortController();
  const aborted = once(signal, 'abort', { signal: done.signal }).then(() => {
    throw signal.reason;
  });
  try {
    signal.throwIfAborted();
    return await Promise.race([work, aborted]);
  } finally {
    aborted.catch(() => {});
    work.catch(() => {});
    done.abort();
  }
}

function contextOf(call: StepCall, signal: AbortSignal): StepContext<keyof World> {
  const { run, stage, record, log, discretion } = call;
  const world = { ...call.world, artifacts: discreetArtifacts(call.world.artifacts, discretion) };
  return { run, stage, world, log, signal, memo: record.memo, startedAt: record.startedAt ?? Date.now() };
}

function noteAbsence(record: StepRecord): void {
  const absence = Date.now() - (record.retryAt ?? Date.now());
  if (absence >= shortestAbsence) record.unattended = (record.unattended ?? 0) + absence;
}

function deadlineOf(stage: StageRecord, record: StepRecord, step: Step): number {
  const own = (record.startedAt ?? Date.now()) + step.deadline(record.with) + (record.unattended ?? 0);
  if (stage.timeout === undefined || stage.startedAt === undefined) return own;
  const unattended = stage.steps.reduce((sum, step) => sum + (step.unattended ?? 0), 0);
  return Math.min(own, stage.startedAt + stage.timeout + unattended);
}

function tooLate({ progress, startedAt = 0 }: StepRecord, deadline: number): string {
  const seconds = Math.round((deadline - startedAt) / 1000);
  return progress === ''
    ? `not done within ${seconds} s`
    : `not done within ${seconds} s; it still waited for: ${progress}`;
}

function note(record: StepRecord, outcome: StepOutcome, discretion: Discretion): void {
  record.attempts = 0;
  if (outcome.outcome === 'running') {
    record.progress = discretion.sentence(outcome.progress);
    record.retryAt = Date.now() + outcome.retryAfter;
    record.memo = outcome.memo ?? record.memo;
    return;
  }
  if ('output' in outcome && outcome.output !== undefined) record.output = discretion.json(outcome.output);
  const said = outcome.outcome === 'succeeded' ? outcome.summary : outcome.reason;
  finish(record, outcome.outcome, discretion.sentence(said));
}

function noteError(record: StepRecord, error: unknown, { log, discretion }: StepCall): void {
  record.attempts++;
  if (!(error instanceof FairwayError)) log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const end = endFor(error, record.attempts);
  if (end !== undefined) {
    finish(record, end, discretion.sentence(messageOf(error)));
    return;
  }
  record.progress = discretion.sentence(messageOf(error));
  record.retryAt = Date.now() + Math.min(longestPause, firstPause * 2 ** (record.attempts - 1));
}

/** Undefined while trying again may help: the outside world may come back any time before the deadline; a defect of ours won't mend itself for long. */
function endFor(error: unknown, attempts: number): 'failed' | 'errored' | undefined {
  const kind = error instanceof FairwayError ? error.kind : undefined;
  if (kind === 'refused') return 'failed';
  if (kind === 'forbidden' || kind === 'missing') return 'errored';
  return kind === 'unavailable' || attempts < maxAttempts ? undefined : 'errored';
}

function finish(record: StepRecord, status: StepRecord['status'], reason: string): void {
  Object.assign(record, { status, reason, progress: '', retryAt: undefined, finishedAt: Date.now() });
}
