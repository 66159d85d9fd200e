import { supersededBy } from '../domain/cancel-reason.ts';
import type { Channel } from '../domain/channel.ts';
import type { Cluster } from '../domain/cluster.ts';
import { clusterVersion, versionFor } from '../domain/cluster-version.ts';
import { FairwayError } from '../domain/errors.ts';
import type { Pipeline } from '../domain/pipeline.ts';
import { isFinal } from '../domain/run.ts';
import type { GitRepository, Revision } from '../ports/git-source.ts';
import { readPolicy } from '../steps/policy-files.ts';
import { askForProof } from './ask-for-proof.ts';
import { beginRollout, isServed, notBegun, type RolloutDecision } from './begin-rollout.ts';
import { refusalOfBranch } from './channel-branch.ts';
import type { Planning } from './planning.ts';
import { runId } from './run-id.ts';

export interface RollOutRequest {
  repository: string;
  branch: string;
  requestedBy: string;
  /** The request's id when someone asked for a revision to be rolled out again. */
  again?: string;
  /** Why an administrator wants it rolled out without a proof. */
  exception?: string;
}

/**
 * Sees to it that a channel's newest revision has a rollout once it is proven, one at a time: a newer revision ends the one under way,
 * and starts when that is over. Clusters that were registered, or changed in the registry, since the channel converged get what is theirs. Can be
 * called at any time.
 */
export async function rollOutChannel(
  planning: Planning,
  request: RollOutRequest,
  signal: AbortSignal,
): Promise<RolloutDecision> {
  const { store, git, dispatcher } = planning;
  const repository = git.repository(request.repository);
  await repository.fetch(signal);
  const head = await repository.branch(request.branch);
  if (!head) return notBegun(`the branch ${request.branch} is not there any more`);
  const rules = await rolloutRules(planning, repository, request.branch, head.commit);
  if (typeof rules === 'string') return notBegun(rules);
  const { policy } = rules;
  const begin = (
    about: (string | undefined)[],
    base: Revision | undefined,
    clusters: Cluster[],
  ): Promise<RolloutDecision> => {
    const { repository, requestedBy } = request;
    const id = idOf(repository, policy.channel, head, about);
    return beginRollout(planning, { ...rules, id, kind: 'rollout', repository, base, head, clusters, requestedBy });
  };
  const state = await store.channels.get(request.repository, policy.channel);
  if (state.held !== undefined) return notBegun(`${policy.channel} is on hold: ${state.held}`);
  const foreign = await refusalOfBranch(planning, repository, policy, state);
  if (foreign !== undefined) return notBegun(foreign);
  const members = (await store.clusters.list({ channel: policy.channel })).filter(isServed);
  if (state.attemptedSha === head.commit && request.again === undefined) {
    const behind = state.convergedSha === head.commit && !state.liveRun ? members.filter(isBehind) : [];
    if (behind.length === 0) return notBegun(`${policy.channel} has had ${head.commit.slice(0, 8)} already`);
    const about = ['registry', ...behind.map((one) => clusterVersion(one.id, one))];
    return begin(about, undefined, behind);
  }
  const unproven = await askForProof(planning, repository, {
    ...request,
    again: request.again,
    exception: request.exception,
    state,
    head,
  });
  if (unproven !== undefined) return notBegun(unproven);
  const about = await tellApart(planning, request, policy.channel, head);
  const id = idOf(request.repository, policy.channel, head, about);
  if (state.liveRun !== undefined && state.liveRun !== id) {
    const live = await store.runs.get(state.liveRun);
    if (live && (await store.runs.requestCancel(live.id, supersededBy(head.commit))))
      await dispatcher.wake({ wake: 'run', id: live.id });
    return notBegun(`${policy.channel} waits for run ${state.liveRun} to end`);
  }
  const base = state.convergedSha === undefined ? undefined : await repository.commit(state.convergedSha);
  return begin(about, base, members);
}

/** By what a revision of the branch is rolled out, or why it is not. */
async function rolloutRules(
  { stepSchemas }: Planning,
  repository: GitRepository,
  branch: string,
  commit: string,
): Promise<{ policy: Channel; pipeline: Pipeline } | string> {
  const { channels, pipelines, problems } = await readPolicy(repository, commit, stepSchemas);
  if (problems.length > 0)
    throw new FairwayError('refused', `${branch} is not rolled out, its rules are not valid:\n${problems.join('\n')}`);
  const policy = channels.find((channel) => channel.branch === branch);
  const pipeline = pipelines.find(({ on }) => on.event === 'push');
  if (!policy) return `no channel has the branch ${branch}`;
  return pipeline ? { policy, pipeline } : `no pipeline is for pushes, so ${policy.channel} is not rolled out`;
}

/** The registry says something of it that was never applied to it, nor tried: it is new, or its config items have changed. */
function isBehind(cluster: Cluster): boolean {
  const { current_version, next_version } = cluster.status;
  const tried = next_version || current_version;
  return tried === '' || versionFor(tried, cluster) !== tried;
}

function idOf(repository: string, channel: string, head: Revision, about: (string | undefined)[]): string {
  return runId(`rollout-${channel}`, repository, channel, head.commit, ...about);
}

/** A revision that comes back, because its branch was put back to it, needs another run than the first time. */
async function tellApart(
  { store }: Planning,
  { repository, again }: RollOutRequest,
  channel: string,
  head: Revision,
): Promise<(string | undefined)[]> {
  const first = await store.runs.get(idOf(repository, channel, head, [again]));
  if (!first || !isFinal(first.status)) return [again];
  const [newest] = await store.runs.list({ kind: 'rollout', repository, channel, limit: 1 });
  return [again, newest?.id];
}
