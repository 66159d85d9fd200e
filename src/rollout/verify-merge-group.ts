import { isFinal } from '../domain/run.ts';
import { endedRun, newRun } from './new-run.ts';
import type { Planning } from './planning.ts';
import { proofRules } from './proof-rules.ts';
import { runId } from './run-id.ts';
import { shortCut } from './short-cut.ts';

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
  { repository: name, branch, baseSha, headSha }: MergeGroupRequest,
  signal: AbortSignal,
): Promise<string> {
  const { git, store, dispatcher } = planning;
  const repository = git.repository(name);
  await repository.fetch(signal);
  const base = await repository.commit(baseSha);
  const head = await repository.commit(headSha);
  if (!base || !head) return `the merge group ${headSha.slice(0, 8)} is not there any more`;
  const found = await proofRules(planning, repository, base.commit, branch);
  if (found.rules === 'none') return `the merge group ${headSha.slice(0, 8)}: ${found.reason}`;
  const { policy, pipeline } = found;
  const fresh = newRun({
    id: runId(`group-${branch}`, name, branch, base.commit, head.commit),
    kind: 'pull-request',
    repository: name,
    base,
    head,
    policy,
    pipeline,
    clusters: [],
    requestedBy: 'merge queue',
  });
  const run =
    found.rules === 'invalid'
      ? endedRun(fresh, 'errored', found.reason)
      : await shortCut(planning, pipeline, repository, base, fresh);
  const created = await store.runs.create(run);
  await dispatcher.wake({ wake: isFinal(run.status) ? 'report' : 'run', id: run.id });
  return `run ${run.id} ${created === 'created' ? `for the merge group ${headSha.slice(0, 8)}` : 'exists already'}`;
}

/** The forge has given the group up or merged it: a run under way is ended. */
export async function cancelMergeGroup(
  { store, dispatcher }: Planning,
  repository: string,
  headSha: string,
  reason: string,
): Promise<string> {
  let ended = 0;
  for (const { id, pullRequest, headSha: head } of await store.runs.list({
    kind: 'pull-request',
    repository,
    live: true,
  })) {
    if (pullRequest !== undefined || head !== headSha || !(await store.runs.requestCancel(id, reason))) continue;
    await dispatcher.wake({ wake: 'run', id });
    ended++;
  }
  return `${ended} runs cancelled`;
}
