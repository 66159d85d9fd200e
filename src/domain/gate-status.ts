import { isOvertaken } from './cancel-reason.ts';
import { isFinal, type Run } from './run.ts';

/** The one commit status to require in branch protection. */
export const gateContext = 'fairway/gate';

/** Under which it is noted what was last told of a commit's gate. */
export function gateReportKey(repository: string, sha: string): string {
  return `gate/${repository}/${sha}`;
}

/**
 * The run that speaks for a commit. A status belongs to the commit, and one commit may be the head of several pull requests, into
 * channels with other rules: of the newest runs of those that are open the worst one decides. `newest`: the newest run of each
 * pull request or merge group that has ever had this head, whatever head that run is for.
 */
export function decidingRun(sha: string, newest: readonly Run[]): Run | undefined {
  const present = newest.filter(({ headSha }) => headSha === sha);
  const open = present.filter(({ cancelReason, status }) => !(isFinal(status) && isOvertaken(cancelReason)));
  const candidates = open.length > 0 ? open : present;
  return candidates.toSorted((one, other) => severity(other) - severity(one))[0];
}

function severity({ status }: Run): number {
  if (status === 'succeeded') return 0;
  if (!isFinal(status)) return 1;
  return status === 'failed' ? 3 : 2;
}
