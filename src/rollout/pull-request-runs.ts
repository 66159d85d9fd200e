import { isOvertaken } from '../domain/cancel-reason.ts';
import { isFinal, type Run } from '../domain/run.ts';
import type { Store } from '../ports/store.ts';
import type { Planning } from './planning.ts';
import { runId } from './run-id.ts';

export interface PullRequestSubject {
  repository: string;
  pullRequest: number;
}

/** Stores the run, or finds the one that is there for the same revision and still stands for it. */
export async function ensureRun(
  { store }: Planning,
  { repository, pullRequest }: PullRequestSubject,
  wanted: Run,
  again: string | undefined,
): Promise<{ run: Run; created: boolean }> {
  if (again === undefined) {
    const runs = await store.runs.list({ repository, pullRequest });
    const [newest] = runs;
    if (newest && standsFor(newest, wanted, runs)) return { run: newest, created: false };
    // What was looked at before and has come back is looked at anew, since the pull request shows what its newest run says.
    if (newest && (await store.runs.get(wanted.id)))
      return createRun(store, { ...wanted, id: runId(`pr-${pullRequest}`, wanted.id, newest.id) });
  }
  return createRun(store, wanted);
}

async function createRun({ runs }: Pick<Store, 'runs'>, run: Run): Promise<{ run: Run; created: boolean }> {
  if ((await runs.create(run)) === 'created') return { run, created: true };
  return { run: (await runs.get(run.id)) ?? run, created: false };
}

/** `runs` are all of the pull request. A run that is `skipped` waits for the end of a draft. */
function standsFor(newest: Run, wanted: Run, runs: readonly Run[]): boolean {
  if (!sameRevision(newest, wanted) || isOvertaken(newest.cancelReason)) return false;
  const waits = wanted.status === 'skipped';
  if (isFinal(newest.status)) return waits || newest.status !== 'skipped';
  // One that someone asked for while the draft waited goes on.
  return !waits || runs.some((run) => run.status === 'skipped' && sameRevision(run, wanted));
}

/** Cancels the live runs of the pull request, which frees their clusters; returns how many. */
export async function cancelRuns(
  { store, dispatcher }: Planning,
  { repository, pullRequest }: PullRequestSubject,
  reason: string | ((run: Run) => string),
  which: (run: Run) => boolean = () => true,
): Promise<number> {
  let ended = 0;
  for (const run of await store.runs.list({ repository, pullRequest, live: true })) {
    const why = typeof reason === 'string' ? reason : reason(run);
    if (!which(run) || !(await store.runs.requestCancel(run.id, why))) continue;
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
  return (
    one.policy.branch === other.policy.branch &&
    one.baseSha === other.baseSha &&
    one.headSha === other.headSha &&
    one.evidenceKey === other.evidenceKey
  );
}
