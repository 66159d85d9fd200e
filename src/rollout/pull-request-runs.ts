import { isOvertaken } from '../domain/cancel-reason.ts';
import type { Run } from '../domain/run.ts';
import type { Planning } from './planning.ts';
import { runId } from './run-id.ts';

export interface PullRequestSubject {
  repository: string;
  pullRequest: number;
}

/** Stores the run, or finds the one that is there for the same revision; one that was overtaken counts no longer when the revision has come back. */
export async function ensureRun(
  { store }: Planning,
  { repository, pullRequest }: PullRequestSubject,
  wanted: Run,
  again: string | undefined,
): Promise<{ run: Run; created: boolean }> {
  const known =
    again === undefined
      ? (await store.runs.list({ repository, pullRequest })).find((run) => sameRevision(run, wanted))
      : undefined;
  if (known && !isOvertaken(known.cancelReason)) return { run: known, created: false };
  const run = known ? { ...wanted, id: runId(`pr-${pullRequest}`, known.id) } : wanted;
  if ((await store.runs.create(run)) === 'created') return { run, created: true };
  return { run: (await store.runs.get(run.id)) ?? run, created: false };
}

/** Cancels the live runs of the pull request, which frees their clusters; returns how many. */
export async function cancelRuns(
  { store, dispatcher }: Planning,
  { repository, pullRequest }: PullRequestSubject,
  reason: string,
  which: (run: Run) => boolean = () => true,
): Promise<number> {
  let ended = 0;
  for (const run of await store.runs.list({ repository, pullRequest, live: true })) {
    if (!which(run) || !(await store.runs.requestCancel(run.id, reason))) continue;
    await dispatcher.wake({ wake: 'run', id: run.id });
    ended++;
  }
  return ended;
}

/** What a run takes the place of: runs of other revisions, and older ones of its own. */
export function replacedBy(run: Run): (other: Run) => boolean {
  return (other) => other.id !== run.id && (!sameRevision(other, run) || other.createdAt < run.createdAt);
}

function sameRevision(one: Run, other: Run): boolean {
  return one.baseSha === other.baseSha && one.headSha === other.headSha && one.evidenceKey === other.evidenceKey;
}
