import { isFinal } from '../domain/run.ts';
import type { GitRepository, Revision } from '../ports/git-source.ts';
import type { ChannelState } from '../ports/store.ts';
import { isProven } from './is-proven.ts';
import type { Planning } from './planning.ts';
import { proveStep } from './prove-step.ts';

export interface ProofWanted {
  state: ChannelState;
  branch: string;
  head: Revision;
  requestedBy: string;
  again: string | undefined;
  /** Why an administrator wants it rolled out without a proof. */
  exception: string | undefined;
}

/**
 * Why a revision can't be rolled out yet; undefined when it is proven, or excepted by an administrator. What has no proof, because it
 * was pushed past the gate or merged into a branch that had moved, is proven now as the step from what the channel has; the
 * run's end has the channel looked at again. A channel's first revision has nothing to come from.
 */
export async function askForProof(
  planning: Planning,
  git: GitRepository,
  wanted: ProofWanted,
): Promise<string | undefined> {
  const { store } = planning;
  const { branch, head, requestedBy, again } = wanted;
  const { repository, channel, convergedSha, convergedTree, attemptedSha } = wanted.state;
  if (attemptedSha === undefined) return undefined;
  const step = { repository, branch, from: convergedTree, to: head.tree };
  if (wanted.exception !== undefined) await except(planning, wanted, wanted.exception);
  if (await isProven(store.evidence, step)) return undefined;
  const base = convergedSha === undefined ? undefined : await git.commit(convergedSha);
  const prefix = `branch-${branch}`;
  const proof = await proveStep(planning, { prefix, repository, branch, base, head, requestedBy, again }, git);
  if (proof.proof === 'none') return undefined;
  const { run } = proof;
  const what = `${channel} at ${head.commit.slice(0, 8)}`;
  if (run.status === 'succeeded') return undefined;
  if (!isFinal(run.status)) return `${what} is not proven: run ${run.id} proves it first`;
  return `${what} is not rolled out, it was not proven by run ${run.id}: ${run.reason || run.status}\nMend it by a pull request; or an administrator says fairway roll-out ${channel} --unproven --reason …`;
}

/** An exception is kept like a proof: it holds for this step, whatever delays it. */
async function except(
  { store }: Planning,
  { state, branch, head, requestedBy }: ProofWanted,
  reason: string,
): Promise<void> {
  const { repository, channel, convergedTree: baseTree = 'nothing' } = state;
  await store.evidence.keep({
    key: `exception-${branch}-${baseTree}-${head.tree}`,
    repository,
    branch,
    baseTree,
    tree: head.tree,
    verdict: 'success',
    reason: `excepted by ${requestedBy}: ${reason}`,
    runId: '',
    at: Date.now(),
  });
  await store.audit.append({
    at: Date.now(),
    actor: requestedBy,
    action: 'roll-out-unproven',
    subject: `${repository}/${channel}`,
    detail: `${head.commit}: ${reason}`,
  });
}
