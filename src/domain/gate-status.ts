import { isFinal, type Run } from './run.ts';

/** The one commit status to require in branch protection. */
export const gateContext = 'fairway/gate';

/** Under which it is noted what was last told of a commit's gate. */
export function gateReportKey(repository: string, sha: string): string {
  return `gate/${repository}/${sha}`;
}

/**
 * The run that speaks for a commit. A status belongs to the commit, and one commit may be the head of several pull requests, into
 * channels with other rules: of their newest runs the worst one decides.
 */
export function decidingRun(newest: readonly Run[]): Run | undefined {
  return newest.toSorted((one, other) => severity(other) - severity(one))[0];
}

function severity({ status }: Run): number {
  if (status === 'succeeded') return 0;
  if (!isFinal(status)) return 1;
  return status === 'failed' ? 3 : 2;
}
