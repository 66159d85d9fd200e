import { supersededBy } from '../domain/cancel-reason.ts';
import { FairwayError } from '../domain/errors.ts';
import { readPolicy } from '../steps/policy-files.ts';
import { newRun } from './new-run.ts';
import type { Planning } from './planning.ts';
import { runId } from './run-id.ts';

export interface RollOutRequest {
  repository: string;
  branch: string;
  requestedBy: string;
  /** The request's id when someone asked for a revision to be rolled out again. */
  again?: string;
}

/**
 * Sees to it that a channel's newest revision has a rollout, one at a time: a newer revision ends the one under way, and starts when
 * that is over. Can be called at any time. Returns what was decided, in words.
 */
export async function rollOutChannel(
  planning: Planning,
  request: RollOutRequest,
  signal: AbortSignal,
): Promise<string> {
  const { store, git, dispatcher } = planning;
  const repository = git.repository(request.repository);
  await repository.fetch(signal);
  const head = await repository.resolve(request.branch);
  if (!head) return `the branch ${request.branch} is not there any more`;
  const { channels, pipelines, problems } = await readPolicy(repository, head.commit, planning.stepSchemas);
  if (problems.length > 0)
    throw new FairwayError(
      'refused',
      `${request.branch} is not rolled out, its rules are not valid:\n${problems.join('\n')}`,
    );
  const policy = channels.find(({ branch }) => branch === request.branch);
  const pipeline = pipelines.find(({ on }) => on.event === 'push');
  if (!policy) return `no channel has the branch ${request.branch}`;
  if (!pipeline) return `no pipeline is for pushes, so ${policy.channel} is not rolled out`;

  const state = await store.channels.get(request.repository, policy.channel);
  if (state.held !== undefined) return `${policy.channel} is on hold: ${state.held}`;
  if (state.attemptedSha === head.commit && request.again === undefined)
    return `${policy.channel} has had ${head.commit.slice(0, 8)} already`;
  const base = state.convergedSha === undefined ? undefined : await repository.resolve(state.convergedSha);
  const id = runId(`rollout-${policy.channel}`, request.repository, policy.channel, head.commit, request.again);
  if (state.liveRun !== undefined && state.liveRun !== id) {
    const live = await store.runs.get(state.liveRun);
    if (live && (await store.runs.requestCancel(live.id, supersededBy(head.commit))))
      await dispatcher.wake({ wake: 'run', id: live.id });
    return `${policy.channel} waits for run ${state.liveRun} to end`;
  }
  const clusters = (await store.clusters.list({ channel: policy.channel })).filter(
    ({ lifecycle_status }) => lifecycle_status === 'ready' || lifecycle_status === 'requested',
  );
  // The run is written first: a claim without its run would hold the channel for ever.
  await store.runs.create({
    ...newRun({
      id,
      kind: 'rollout',
      repository: request.repository,
      base,
      head,
      policy,
      pipeline,
      clusters,
      requestedBy: request.requestedBy,
    }),
    wakeAt: Date.now() + 2_000,
  });
  if (!(await store.channels.claim(request.repository, policy.channel, id, head.commit))) {
    await store.runs.requestCancel(id, 'another rollout of the channel began first');
    return `${policy.channel} has another rollout under way`;
  }
  await store.audit.append({
    id: `${id}/begin`,
    at: Date.now(),
    actor: request.requestedBy,
    action: 'roll-out',
    subject: `${request.repository}/${policy.channel}`,
    detail: head.commit,
  });
  await dispatcher.wake({ wake: 'run', id });
  return `run ${id} rolls ${head.commit.slice(0, 8)} out to ${clusters.length} clusters of ${policy.channel}`;
}
