import { isFinal, type Run } from '../domain/run.ts';
import type { GitRepository, Revision } from '../ports/git-source.ts';
import { endedRun, newRun } from './new-run.ts';
import type { Planning } from './planning.ts';
import { proofRules } from './proof-rules.ts';
import { runId } from './run-id.ts';
import { shortCut } from './short-cut.ts';

/** A step of a channel's branch that no pull request of ours stands for. */
export interface BranchStep {
  /** Begins the run's id. */
  prefix: string;
  repository: string;
  branch: string;
  /** What is there; undefined when there is nothing to come from. */
  base: Revision | undefined;
  head: Revision;
  requestedBy: string;
  /** The request's id when someone asked to prove it anew. */
  again?: string | undefined;
}

export type StepProof =
  | { proof: 'run'; run: Run; created: boolean }
  /** By the rules of the base nothing is to be proven on that branch. */
  | { proof: 'none'; reason: string };

/** Sees to it that the step has a run, by the rules of its base; its status goes to the head's commit. */
export async function proveStep(planning: Planning, step: BranchStep, git: GitRepository): Promise<StepProof> {
  const { store, dispatcher } = planning;
  const { prefix, repository, branch, base, head, requestedBy, again } = step;
  const found = await proofRules(planning, git, (base ?? head).commit, branch);
  if (found.rules === 'none') return { proof: 'none', reason: found.reason };
  const { policy, pipeline } = found;
  const fresh = newRun({
    id: runId(prefix, repository, branch, base?.commit, head.commit, again),
    kind: 'pull-request',
    repository,
    base,
    head,
    policy,
    pipeline,
    clusters: [],
    requestedBy,
  });
  const run = await decided(planning, step, git, fresh, found);
  const created = (await store.runs.create(run)) === 'created';
  const kept = created ? run : ((await store.runs.get(run.id)) ?? run);
  await dispatcher.wake({ wake: isFinal(kept.status) ? 'report' : 'run', id: kept.id });
  return { proof: 'run', run: kept, created };
}

async function decided(
  planning: Planning,
  { base, again }: BranchStep,
  git: GitRepository,
  fresh: Run,
  found: Exclude<Awaited<ReturnType<typeof proofRules>>, { rules: 'none' }>,
): Promise<Run> {
  if (found.rules === 'invalid') return endedRun(fresh, 'errored', found.reason);
  return base === undefined || again !== undefined ? fresh : shortCut(planning, found.pipeline, git, base, fresh);
}
