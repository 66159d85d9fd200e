export type CommandOutcome =
  /** `runId` is the run that came of it. */
  | { outcome: 'started'; runId: string }
  /** Nothing was started, and why, in words. */
  | { outcome: 'refused'; reason: string };

/**
 * What a user of the API may start. `by` is the user's name, the `requestedBy` of what comes of it; whoever calls writes the
 * audit log. Throws a FairwayError of kind `missing` for a run or channel that does not exist.
 */
export interface Commands {
  /** Does a finished run's work again, as a run of its own. */
  retry(runId: string, by: string): Promise<CommandOutcome>;
  /** Rolls the newest revision of the channel's branch out, also when it was attempted before. */
  rollOut(repository: string, channel: string, by: string): Promise<CommandOutcome>;
  /** The same without a proof, for `reason`: an administrator's exception, which is kept and audited. */
  rollOutUnproven(repository: string, channel: string, by: string, reason: string): Promise<CommandOutcome>;
  /** Takes the clusters that a failed rollout has reached back to what the channel had converged to. */
  rollBack(repository: string, channel: string, by: string): Promise<CommandOutcome>;
}
