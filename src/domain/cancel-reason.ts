const superseded = 'superseded by ';
const gone = 'the pull request was ';
const unproven = 'nothing is to be proven: ';

export function supersededBy(sha: string): string {
  return superseded + sha.slice(0, 8);
}

export function closedPullRequest(merged: boolean): string {
  return gone + (merged ? 'merged' : 'closed');
}

export function retargetedPullRequest(branch: string): string {
  return `${gone}retargeted to ${branch}`;
}

export const draftedPullRequest = `${gone}made a draft`;

/** `reason`: why the pull request has no proof any more. */
export function nothingToProve(reason: string): string {
  return unproven + reason;
}

/** Whether a run was ended because its subject had moved on, and not because someone wished it: if the subject comes back, so does its run. */
export function isOvertaken(cancelReason: string | undefined): boolean {
  return cancelReason !== undefined && [superseded, gone, unproven].some((start) => cancelReason.startsWith(start));
}
