import type { Channel } from './channel.ts';
import type { Json, JsonObject } from './json.ts';

/**
 * queued: not started. running: started, or waiting for the world. succeeded: the world said yes. failed: the world said no.
 * errored: we broke. unknown: nothing can be said, e.g. a suite without results. cancelled: someone stopped it. skipped: it
 * had no turn, because of what its reason says.
 */
export type Status = 'queued' | 'running' | 'succeeded' | 'failed' | 'errored' | 'unknown' | 'cancelled' | 'skipped';

export type Verdict = 'success' | 'failure' | 'unknown';

export interface StepRecord {
  kind: string;
  with: JsonObject;
  status: Status;
  /** How often it was called and broke, for backing off. */
  attempts: number;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  /** Not before this moment; epoch milliseconds like all moments here. */
  retryAt: number | undefined;
  /** For how long it was due and nobody looked, because Fairway or the machine slept: no deadline counts it. */
  unattended?: number;
  /** What it waits for, in words. */
  progress: string;
  reason: string;
  /** What the step wants to find again when it is called anew. */
  memo: Json;
  /** What later steps and reports read. */
  output: Json;
}

export interface StageRecord {
  name: string;
  /** Must have succeeded. */
  after: string[];
  /** Must be final, however they ended, as long as the failure budget lasts. */
  following: string[];
  always: boolean;
  /** The cluster it works on; undefined for the run's ephemeral one or none. */
  cluster: string | undefined;
  wave: string | undefined;
  /** How many stages of its wave may run at a time. */
  atOnce: number | undefined;
  timeout: number | undefined;
  status: Status;
  reason: string;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  steps: StepRecord[];
}

/** rollback: clusters that a failed rollout has reached go back to what their channel had converged to. */
export type RunKind = 'pull-request' | 'rollout' | 'rollback' | 'promotion' | 'prove';

export interface Run {
  id: string;
  kind: RunKind;
  repository: string;
  channel: string;
  /** Undefined for runs without a pull request. */
  pullRequest: number | undefined;
  /** What it starts from; undefined for a channel's first rollout. For a rollback, the revision that is taken back. */
  baseSha: string | undefined;
  baseTree: string | undefined;
  headSha: string;
  /** The git tree that is proven or rolled out: for a pull request, of the merge of base and head. */
  tree: string;
  /** Under which the verdict is kept: the same key is never proven twice. */
  evidenceKey: string;
  status: Status;
  reason: string;
  /** The run whose verdict was taken over instead of proving again. */
  reusedFrom: string | undefined;
  requestedBy: string;
  createdAt: number;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  /** Paths by which it is judged and that it changes itself; none for what is no pull request. */
  gateChanges?: string[];
  /** Someone's wish to end it, in words; what is always to be done is still done. */
  cancelReason: string | undefined;
  /** When a worker is to look at it again; undefined when it is final. */
  wakeAt: number | undefined;
  /** The channel's file as it was when the run was made. */
  policy: Channel;
  stages: StageRecord[];
}

const finalStatuses: ReadonlySet<Status> = new Set([
  'succeeded',
  'failed',
  'errored',
  'unknown',
  'cancelled',
  'skipped',
]);

export function isFinal(status: Status): boolean {
  return finalStatuses.has(status);
}

/** It ended well because there was nothing to do: nobody has proven anything. */
export function hadNothingToProve({
  status,
  reusedFrom,
  stages,
}: Pick<Run, 'status' | 'reusedFrom' | 'stages'>): boolean {
  return status === 'succeeded' && reusedFrom === undefined && stages.every((stage) => stage.status === 'skipped');
}

export function verdictOf(status: Status): Verdict {
  return status === 'succeeded' ? 'success' : status === 'failed' ? 'failure' : 'unknown';
}
