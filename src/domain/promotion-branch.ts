const start = 'fairway/promote/';

/** The branch by which Fairway proposes what a channel has converged to to the next one. Nobody else is to write it. */
export function promotionBranch(channel: string, to: string): string {
  return `${start}${channel}-to-${to}`;
}

export function isPromotionBranch(branch: string): boolean {
  return branch.startsWith(start);
}
