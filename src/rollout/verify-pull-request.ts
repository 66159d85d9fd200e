import { closedPullRequest, supersededBy } from '../domain/cancel-reason.ts';
import { evidenceKey } from '../domain/evidence.ts';
import { isFinal, type Run } from '../domain/run.ts';
import type { PullRequest } from '../ports/forge.ts';
import type { GitRepository, Revision } from '../ports/git-source.ts';
import { proposeAgain } from './begin-promotion.ts';
import { judgePromotion, type PromotionJudgement } from './judge-promotion.ts';
import { needsTrust } from './needs-trust.ts';
import { endedRun, newRun } from './new-run.ts';
import type { Planning } from './planning.ts';
import { proofRules } from './proof-rules.ts';
import { cancelRuns, ensureRun, replacedBy } from './pull-request-runs.ts';
import { runId } from './run-id.ts';
import { shortCut } from './short-cut.ts';

export interface VerifyRequest {
  repository: string;
  pullRequest: number;
  /** The request's id when someone asked to prove it anew. */
  again: string | undefined;
  requestedBy: string;
}

/** How often a pull request may move while it is looked at. */
const mostLooks = 5;

/** Sees to it that the newest state of a pull request has a run. Returns what was decided, in words. */
export async function verifyPullRequest(
  planning: Planning,
  request: VerifyRequest,
  signal: AbortSignal,
): Promise<string> {
  for (let look = 1; ; look++) {
    const pull = await planning.forge.pullRequest(request.repository, request.pullRequest);
    if (!pull) return `there is no pull request #${request.pullRequest}`;
    const said = await verify(planning, request, pull, look >= mostLooks, signal);
    if (said !== 'moved') return said;
  }
}

async function verify(
  planning: Planning,
  request: VerifyRequest,
  pull: PullRequest,
  last: boolean,
  signal: AbortSignal,
): Promise<string | 'moved'> {
  const { git, forge, dispatcher } = planning;
  if (pull.state === 'closed') {
    const ended = await cancelRuns(planning, request, closedPullRequest(pull.merged));
    return `#${pull.number} is closed; ${ended} runs cancelled`;
  }
  const repository = git.repository(request.repository);
  await repository.fetch(signal);
  const base = await repository.branch(pull.baseBranch);
  const head = await repository.commit(pull.headSha);
  if (!base || !head)
    return `#${pull.number}: ${base ? `its head ${pull.headSha}` : `its base branch ${pull.baseBranch}`} is not there any more`;
  const decided = await decide(planning, request, pull, { repository, base, head });
  if ('ignored' in decided) return decided.ignored;
  const { run, created } = await ensureRun(planning, request, decided.run, request.again);
  // Another worker may have seen a newer head meanwhile, whose run must not be ended for this one.
  const now = await forge.pullRequest(request.repository, request.pullRequest);
  if (!last && (now?.headSha !== pull.headSha || now.state !== pull.state)) return 'moved';
  await cancelRuns(planning, request, supersededBy(pull.headSha), replacedBy(run));
  await dispatcher.wake({ wake: isFinal(run.status) ? 'report' : 'run', id: run.id });
  return `run ${run.id} ${created ? `for #${pull.number} at ${pull.headSha}` : 'exists already'}`;
}

interface Revisions {
  repository: GitRepository;
  base: Revision;
  head: Revision;
}

/** Nothing that the pull request changes has a say in this: the rules are those of its base. */
async function decide(
  planning: Planning,
  request: VerifyRequest,
  pull: PullRequest,
  { repository, base, head }: Revisions,
): Promise<{ run: Run } | { ignored: string }> {
  const found = await proofRules(planning, repository, base.commit, pull.baseBranch);
  if (found.rules === 'none') return { ignored: `#${pull.number}: ${found.reason}` };
  const { policy, pipeline } = found;
  const promotion = await judgePromotion(planning.store, repository, request.repository, pull, policy.channel, head);
  const from = await cameFrom(repository, promotion, base);
  const make = (tree: string, about = evidenceKey(from.tree, tree, pipeline)): Run => {
    const { number } = pull;
    const { again } = request;
    const id = runId(`pr-${number}`, request.repository, String(number), from.commit, head.commit, about, again);
    return newRun({
      id,
      kind: 'pull-request',
      repository: request.repository,
      pullRequest: number,
      base: from,
      head: { commit: head.commit, tree },
      policy,
      pipeline,
      clusters: [],
      requestedBy: request.requestedBy,
    });
  };
  if (found.rules === 'invalid') return { run: endedRun(make(head.tree), 'errored', found.reason) };
  if (await needsTrust(planning, request.repository, pull)) {
    return {
      run: endedRun(
        make(head.tree),
        'unknown',
        `${pull.author}'s code runs only after someone with write access has commented /ok-to-test`,
      ),
    };
  }
  if (promotion.promotion === 'stale') {
    if (promotion.from !== undefined) await proposeAgain(planning, request.repository, promotion.from, head.commit);
    const evidenceKey = `stale-${promotion.converged ?? 'nothing'}`;
    return { run: { ...endedRun(make(head.tree, evidenceKey), 'failed', promotion.reason), evidenceKey } };
  }
  const merge = await repository.merge(base.commit, head.commit);
  if (merge.outcome === 'unrelated')
    return {
      run: endedRun(
        make(head.tree),
        'failed',
        `${pull.headBranch} and ${pull.baseBranch} have no common history, so they can't be merged`,
      ),
    };
  if (merge.outcome === 'conflict')
    return {
      run: endedRun(
        make(head.tree),
        'failed',
        `${pull.headBranch} can't be merged into ${pull.baseBranch}: conflicts in ${merge.files.join(', ')}`,
      ),
    };
  const run = make(merge.tree);
  return { run: request.again === undefined ? await shortCut(planning, pipeline, repository, from, run) : run };
}

/** A promotion is proven as the step from what the next channel's clusters have, which may be behind its branch. */
async function cameFrom(git: GitRepository, promotion: PromotionJudgement, base: Revision): Promise<Revision> {
  if (promotion.promotion !== 'current' || promotion.base === undefined) return base;
  return (await git.commit(promotion.base)) ?? base;
}
