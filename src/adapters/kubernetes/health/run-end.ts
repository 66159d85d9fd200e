import { z } from 'zod';
import type { Recollection, RunRecord } from '../cluster-memory.ts';
import type { LiveObject } from '../live-object.ts';
import type { ObjectApi, Place } from '../object-api.ts';
import { refKey } from '../ref-key.ts';
import { conditionList, conditionOf } from './conditions.ts';
import { explain } from './explain.ts';
import { judge } from './rules.ts';
import { eventsOf } from './warnings.ts';

export type RunEnd =
  | { end: 'completed' }
  | { end: 'failed'; reason: string }
  | { end: 'running' }
  /** It is gone, and nothing tells how it ended. */
  | { end: 'unknown' };

const MAX_REASON_LENGTH = 2000;

/** What the Job controller says of a Job that it gives up; the events outlive the Job. */
const failures = new Set([
  'BackoffLimitExceeded',
  'DeadlineExceeded',
  'FailedIndexes',
  'MaxFailedIndexesExceeded',
  'PodFailurePolicy',
]);

/** How a Job or Pod of ours ended, from the memory, itself, or the events that are left of it. What is learnt is remembered. */
export async function runEnd(
  api: ObjectApi,
  memory: Recollection,
  record: RunRecord,
  place: Place,
  live: LiveObject | undefined,
  signal: AbortSignal,
): Promise<RunEnd> {
  if (record.end === 'failed') return { end: 'failed', reason: record.reason };
  if (record.end !== undefined) return { end: 'completed' };
  const there = live?.metadata.uid === record.uid ? live : undefined;
  const found = there === undefined ? await endByEvents(api, record, place, signal) : await endOf(api, there, signal);
  if (found.end === 'completed' || found.end === 'failed') {
    const is = { ...record, ...found, missedSince: undefined };
    await memory.write({ what: 'run', of: refKey(place.ref), is }, signal);
  }
  return found;
}

const status = z.object({
  status: z.object({ phase: z.string().default(''), conditions: conditionList }).prefault({}),
});

async function endOf(api: ObjectApi, live: LiveObject, signal: AbortSignal): Promise<RunEnd> {
  const { phase, conditions } = status.parse(live).status;
  const says = (type: string) => conditionOf(conditions, type)?.status === 'True';
  if (phase === 'Succeeded' || says('Complete')) return { end: 'completed' };
  if (phase !== 'Failed' && !says('Failed')) return { end: 'running' };
  const now = new Date();
  const { reason } = await explain(api, live, judge(live, now), now, signal);
  return { end: 'failed', reason: reason.slice(0, MAX_REASON_LENGTH) };
}

async function endByEvents(api: ObjectApi, { uid }: RunRecord, { ref }: Place, signal: AbortSignal): Promise<RunEnd> {
  const events = await eventsOf(api, { uid, namespace: ref.namespace }, {}, signal);
  const failure = events.find(({ reason }) => failures.has(reason));
  if (failure !== undefined) return { end: 'failed', reason: `failed: ${failure.reason}: ${failure.message}` };
  return { end: events.some(({ reason }) => reason === 'Completed') ? 'completed' : 'unknown' };
}
