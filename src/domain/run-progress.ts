import { isFinal, type Run, type StageRecord, type Status, type StepRecord } from './run.ts';

export type Readiness =
  | { ready: 'yes' }
  | { ready: 'not-yet' }
  | { ready: 'never'; status: 'skipped' | 'cancelled'; reason: string };

/** Whether a queued stage may start now. */
export function readinessOf(stage: StageRecord, run: Run): Readiness {
  const stages = new Map(run.stages.map((other) => [other.name, other]));
  const required = stage.after.flatMap((name) => stages.get(name) ?? []);
  const followed = stage.following.flatMap((name) => stages.get(name) ?? []);
  if (![...required, ...followed].every(({ status }) => isFinal(status))) return { ready: 'not-yet' };
  if (stage.always) return { ready: 'yes' };
  if (run.cancelReason !== undefined) return { ready: 'never', status: 'cancelled', reason: run.cancelReason };
  const missing = required.find(({ status }) => status !== 'succeeded');
  if (missing) return { ready: 'never', status: 'skipped', reason: `${missing.name} ${wordFor(missing.status)}` };
  const spent = spentBudget(run);
  if (stage.wave !== undefined && spent) return { ready: 'never', status: 'skipped', reason: spent };
  const active = run.stages.filter(({ wave, status }) => wave === stage.wave && status === 'running').length;
  return stage.atOnce !== undefined && active >= stage.atOnce ? { ready: 'not-yet' } : { ready: 'yes' };
}

/** Why a rollout is halted, or undefined while its failure budget lasts. */
function spentBudget(run: Run): string | undefined {
  const failed = run.stages.filter(
    ({ cluster, status }) => cluster !== undefined && (status === 'failed' || status === 'errored'),
  );
  if (failed.length <= run.policy.rollout.failureBudget) return undefined;
  const names = failed.map(({ cluster }) => cluster).join(', ');
  return `halted: ${names} failed, and the channel's failureBudget is ${run.policy.rollout.failureBudget}`;
}

/** Whether a rollout stopped for what the world said: more clusters failed than the budget allows, or a wave as a whole did. */
export function wasHalted(run: Run): boolean {
  const waveFailed = run.stages.some(
    ({ cluster, wave, status }) => cluster === undefined && wave !== undefined && status === 'failed',
  );
  return waveFailed || spentBudget(run) !== undefined;
}

function wordFor(status: Status): string {
  return {
    queued: 'has not run',
    running: 'is running',
    succeeded: 'succeeded',
    failed: 'failed',
    errored: 'broke',
    unknown: 'gave no result',
    cancelled: 'was cancelled',
    skipped: 'was skipped',
  }[status];
}

/** A stage's status is a fold over its steps: the first that did not succeed decides. */
export function stageStatus(steps: StepRecord[]): Status {
  const decisive = steps.find(({ status }) => status !== 'succeeded' && status !== 'skipped');
  if (decisive) return decisive.status === 'queued' && decisive !== steps[0] ? 'running' : decisive.status;
  return steps.some(({ status }) => status === 'succeeded') ? 'succeeded' : 'skipped';
}

/** What can be said of the run as a whole: stages for cleaning up don't count, and no result is never a success. */
export function runStatus(run: Run): { status: Status; reason: string } {
  if (!run.stages.every(({ status }) => isFinal(status))) return { status: 'running', reason: '' };
  const counted = run.stages.filter(({ always }) => !always);
  for (const status of ['failed', 'errored', 'cancelled', 'unknown', 'skipped'] as const) {
    const stage = counted.find((candidate) => candidate.status === status);
    if (stage) return { status: status === 'skipped' ? 'unknown' : status, reason: `${stage.name}: ${stage.reason}` };
  }
  return counted.length === 0
    ? { status: 'unknown', reason: 'the pipeline has no stage' }
    : { status: 'succeeded', reason: '' };
}
