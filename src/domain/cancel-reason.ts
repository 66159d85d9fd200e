const superseded = 'superseded by ';
const gone = 'the pull request was ';

export function supersededBy(sha: string): string {
  return superseded + sha.slice(0, 8);
}

export function closedPullRequest(merged: boolean): string {
  return gone + (merged ? 'merged' : 'closed');
}

/** Whether a run was ended because its subject had moved on, and not because someone wished it: if the subject comes back, so does its run. */
export function isOvertaken(cancelReason: string | undefined): boolean {
  return cancelReason !== undefined && [superseded, gone].some((start) => cancelReason.startsWith(start));
}
