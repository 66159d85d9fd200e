import type { Planning } from './planning.ts';
import { proveStep } from './prove-step.ts';

export interface MergeGroupRequest {
  repository: string;
  /** The channel's branch that the group is to be merged into. */
  branch: string;
  baseSha: string;
  /** The commit that the forge's merge queue has made of the base and the pull requests: what the branch would become. */
  headSha: string;
}

/** Sees to it that a group of a merge queue has a run. Its status goes to the group's commit. Returns what was decided, in words. */
export async function verifyMergeGroup(
  planning: Planning,
  { repository, branch, baseSha, headSha }: MergeGroupRequest,
  signal: AbortSignal,
): Promise<string> {
  const git = planning.git.repository(repository);
  await git.fetch(signal);
  const base = await git.commit(baseSha);
  const head = await git.commit(headSha);
  const group = `the merge group ${headSha.slice(0, 8)}`;
  if (!base || !head) return `${group} is not there any more`;
  const step = { prefix: `group-${branch}`, repository, branch, base, head, requestedBy: 'merge queue' };
  const proof = await proveStep(planning, step, git);
  if (proof.proof === 'none') return `${group}: ${proof.reason}`;
  return `run ${proof.run.id} ${proof.created ? `for ${group}` : 'exists already'}`;
}

/** The forge has given the group up or merged it: a run under way is ended. */
export async function cancelMergeGroup(
  { store, dispatcher }: Planning,
  repository: string,
  headSha: string,
  reason: string,
): Promise<string> {
  let ended = 0;
  for (const { id, pullRequest } of await store.runs.list({ kind: 'pull-request', repository, headSha, live: true })) {
    if (pullRequest !== undefined || !(await store.runs.requestCancel(id, reason))) continue;
    await dispatcher.wake({ wake: 'run', id });
    ended++;
  }
  return `${ended} runs cancelled`;
}
