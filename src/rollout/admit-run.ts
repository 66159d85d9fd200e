import type { Run } from '../domain/run.ts';
import type { Store } from '../ports/store.ts';
import { attemptedBy } from './begin-rollout.ts';

/**
 * A channel has one rollout at a time, which is settled before a run of it does anything: whoever made the run may have been killed
 * before that. Returns why it may not begin.
 */
export async function refusalToBegin({ channels }: Store, run: Run): Promise<string | undefined> {
  if ((run.kind !== 'rollout' && run.kind !== 'rollback') || run.startedAt !== undefined) return undefined;
  const { repository, channel, id, policy } = run;
  const claim = { repository, channel, branch: policy.branch, runId: id, sha: attemptedBy(run) };
  const claimed = await channels.claim(claim);
  return claimed ? undefined : 'another rollout of the channel began first';
}
