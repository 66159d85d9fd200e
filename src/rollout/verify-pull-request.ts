import {
  closedPullRequest,
  draftedPullRequest,
  nothingToProve,
  retargetedPullRequest,
  supersededBy,
} from '../domain/cancel-reason.ts';
import { evidenceKey } from '../domain/evidence.ts';
import { gateChanges } from '../domain/gate-changes.ts';
import { isFinal, type Run } from '../domain/run.ts';
import type { PullRequest } from '../ports/forge.ts';
import type { GitRepository, Revision } from '../ports/git-source.ts';
import { proposeAgain } from './begin-promotion.ts';
import { judgePromotion, type PromotionJudgement } from './judge-promotion.ts';
import { missingReview } from './missing-review.ts';
import { needsTrust } from './needs-trust.ts';
import { endedRun, newRun } from './new-run.ts';
import type { Planning } from './planning.ts';
import { promotionConflict } from './promotion-conflict.ts';
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
  if (!base || !head) {
    const gone = `${base ? `its head ${pull.headSha}` : `its base branch ${pull.baseBranch}`} is not there any more`;
    const ended = await cancelRuns(planning, request, nothingToProve(gone));
    return `#${pull.number}: ${gone}${ended > 0 ? `; ${ended} runs cancelled` : ''}`;
  }
  const decided = await decide(planning, request, pull, { repository, base, head });
  const ensured = await ensureDecided(planning, request, decided);
  // Another worker may have seen a newer head meanwhile, whose run must not be ended for this one.
  const now = await forge.pullRequest(request.repository, request.pullRequest);
  if (!last && hasMoved(pull, now)) return 'moved';
  const why = (run: Run): string => whyEnded(run, pull, decided);
  const ended = await cancelRuns(planning, request, why, ensured && replacedBy(ensured.run));
  if (ensured) {
    const { id, status } = ensured.run;
    await dispatcher.wake({ wake: isFinal(status) ? 'report' : 'run', id });
    if (decided.proof === 'due')
      return `run ${id} ${ensured.created ? `for #${pull.number} at ${pull.headSha}` : 'exists already'}`;
  }
  return `#${pull.number}: ${decided.run.reason}${ended > 0 ? `; ${ended} runs cancelled` : ''}`;
}

function hasMoved(before: PullRequest, now: PullRequest | undefined): boolean {
  if (!now) return true;
  const { headSha, baseBranch, state, draft } = before;
  return now.headSha !== headSha || now.baseBranch !== baseBranch || now.state !== state || now.draft !== draft;
}

/** Where nothing is to be proven, there is a run only for a head that has had one: what was told of it holds no longer. */
async function ensureDecided(
  planning: Planning,
  request: VerifyRequest,
  { proof, run }: ProofDecision,
): Promise<{ run: Run; created: boolean } | undefined> {
  if (proof === 'due') return ensureRun(planning, request, run, request.again);
  const { repository, pullRequest } = request;
  const known = await planning.store.runs.list({ repository, pullRequest });
  return known.some(({ headSha }) => headSha === run.headSha)
    ? ensureRun(planning, request, run, undefined)
    : undefined;
}

function whyEnded(run: Run, pull: PullRequest, decided: ProofDecision): string {
  if (run.policy.branch !== pull.baseBranch) return retargetedPullRequest(pull.baseBranch);
  if (decided.proof === 'none') return nothingToProve(decided.run.reason);
  const { status, headSha, baseSha } = decided.run;
  const drafted = status === 'skipped' && run.headSha === headSha && run.baseSha === baseSha;
  return drafted ? draftedPullRequest : supersededBy(pull.headSha);
}

interface ProofDecision {
  /** `none`: the run only says so. */
  proof: 'due' | 'none';
  run: Run;
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
): Promise<ProofDecision> {
  const found = await proofRules(planning, repository, base.commit, pull.baseBranch);
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
  const due = (run: Run): ProofDecision => ({ proof: 'due', run });
  if (found.rules === 'none') {
    // The same wherever the branch moves to.
    const nothing = { ...make(head.tree), baseSha: undefined, baseTree: undefined, evidenceKey: 'nothing' };
    return { proof: 'none', run: endedRun(nothing, 'unknown', found.reason) };
  }
  if (found.rules === 'invalid') return due(endedRun(make(head.tree), 'errored', found.reason));
  if (await needsTrust(planning, request.repository, pull))
    return due(
      endedRun(
        make(head.tree),
        'unknown',
        `${pull.author}'s code runs only after someone with write access has commented /ok-to-test ${pull.headSha}`,
      ),
    );
  if (promotion.promotion === 'stale') {
    if (promotion.from !== undefined) await proposeAgain(planning, request.repository, promotion.from, head.commit);
    const evidenceKey = `stale-${promotion.converged ?? 'nothing'}`;
    return due({ ...endedRun(make(head.tree, evidenceKey), 'failed', promotion.reason), evidenceKey });
  }
  const merge = await mergeOf(repository, pull, base, head);
  if ('impossible' in merge) return due(endedRun(make(head.tree), 'failed', merge.impossible));
  const changes = gateChanges(await repository.changedFiles(from.tree, merge.tree), pipeline);
  const run = { ...make(merge.tree), gateChanges: changes };
  if (policy.pullRequests.gateChanges === 'review' && changes.length > 0) {
    const missing = await missingReview(planning, request.repository, pull, changes);
    if (missing !== undefined) return due(endedRun({ ...run, stages: [] }, 'skipped', missing));
  }
  if (request.again !== undefined) return due(run);
  const known = await shortCut(planning, pipeline, repository, from, run);
  return due(pull.draft && policy.pullRequests.drafts === 'wait' ? untilReady(known) : known);
}

/** A promotion is proven as the step from what the next channel's clusters have, which may be behind its branch. */
async function cameFrom(git: GitRepository, promotion: PromotionJudgement, base: Revision): Promise<Revision> {
  if (promotion.promotion !== 'current' || promotion.base === undefined) return base;
  return (await git.commit(promotion.base)) ?? base;
}

async function mergeOf(
  repository: GitRepository,
  pull: PullRequest,
  base: Revision,
  head: Revision,
): Promise<{ tree: string } | { impossible: string }> {
  const { headBranch, baseBranch } = pull;
  const merge = await repository.merge(base.commit, head.commit);
  switch (merge.outcome) {
    case 'merged':
      return merge;
    case 'unrelated':
      return { impossible: `${headBranch} and ${baseBranch} have no common history, so they can't be merged` };
    case 'conflict': {
      const conflict = `${headBranch} can't be merged into ${baseBranch}: conflicts in ${merge.files.join(', ')}`;
      const why = await promotionConflict(repository, pull, base, head);
      return { impossible: why === '' ? conflict : `${conflict}\n${why}` };
    }
  }
}

/** A draft waits for what costs a cluster; what is known without one is told. */
function untilReady(run: Run): Run {
  if (isFinal(run.status)) return run;
  const reason = 'it is a draft; it is proven when it is marked ready for review, or by /test';
  return endedRun({ ...run, stages: [] }, 'skipped', reason);
}
