import { randomUUID } from 'node:crypto';
import { FairwayError } from '../domain/errors.ts';
import { isFinal } from '../domain/run.ts';
import type { CommandOutcome, Commands } from '../ports/commands.ts';
import { readPolicy } from '../steps/policy-files.ts';
import type { RolloutDecision } from './begin-rollout.ts';
import type { Planning } from './planning.ts';
import { rollBack } from './roll-back.ts';
import { rollOutChannel } from './roll-out-channel.ts';
import { verifyPullRequest } from './verify-pull-request.ts';

/** What users may start by the API. `outside` gives the signal that ends slow calls. */
export function createCommands(planning: Planning, outside: () => AbortSignal): Commands {
  const { store, git, stepSchemas } = planning;

  const rollOut = async (
    repository: string,
    channel: string,
    by: string,
    exception?: string,
  ): Promise<CommandOutcome> => {
    const source = git.repository(repository);
    await source.fetch(outside());
    for (const branch of await source.branches()) {
      const head = await source.branch(branch);
      if (!head) continue;
      const { channels } = await readPolicy(source, head.commit, stepSchemas);
      if (!channels.some((policy) => policy.channel === channel && policy.branch === branch)) continue;
      const excepted = exception === undefined ? {} : { exception };
      const wish = { repository, branch, requestedBy: by, again: randomUUID(), ...excepted };
      return outcomeOf(await rollOutChannel(planning, wish, outside()));
    }
    throw new FairwayError('missing', `${repository} has no channel "${channel}"`);
  };

  const rollBackNow = async (repository: string, channel: string, by: string): Promise<CommandOutcome> => {
    const wish = { repository, channel, requestedBy: by, again: randomUUID() };
    return outcomeOf(await rollBack(planning, wish, outside()));
  };

  return {
    rollOut: (repository, channel, by) => rollOut(repository, channel, by),
    rollOutUnproven: rollOut,
    rollBack: rollBackNow,
    async retry(runId, by) {
      const run = await store.runs.get(runId);
      if (!run) throw new FairwayError('missing', `there is no run "${runId}"`);
      if (!isFinal(run.status)) return { outcome: 'refused', reason: `${runId} is still under way; cancel it first` };
      if (run.kind === 'rollout') return rollOut(run.repository, run.channel, by);
      if (run.kind === 'rollback') return rollBackNow(run.repository, run.channel, by);
      const { repository, pullRequest } = run;
      if (pullRequest === undefined) return { outcome: 'refused', reason: `a ${run.kind} run can't be repeated` };
      const said = await verifyPullRequest(
        planning,
        { repository, pullRequest, again: randomUUID(), requestedBy: by },
        outside(),
      );
      const [newest] = await store.runs.list({ repository, pullRequest, limit: 1 });
      return newest && newest.id !== runId
        ? { outcome: 'started', runId: newest.id }
        : { outcome: 'refused', reason: said };
    },
  };
}

function outcomeOf(decision: RolloutDecision): CommandOutcome {
  return decision.decision === 'begun'
    ? { outcome: 'started', runId: decision.runId }
    : { outcome: 'refused', reason: decision.said };
}
