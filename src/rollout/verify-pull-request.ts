import picomatch from 'picomatch';
import { closedPullRequest, supersededBy } from '../domain/cancel-reason.ts';
import type { Channel } from '../domain/channel.ts';
import { evidenceKey } from '../domain/evidence.ts';
import type { Pipeline } from '../domain/pipeline.ts';
import { isFinal, type Run } from '../domain/run.ts';
import type { PullRequest } from '../ports/forge.ts';
import type { GitRepository, Revision } from '../ports/git-source.ts';
import { readPolicy } from '../steps/policy-files.ts';
import { needsTrust } from './needs-trust.ts';
import { endedRun, newRun } from './new-run.ts';
import type { Planning } from './planning.ts';
import { cancelRuns, ensureRun, replacedBy } from './pull-request-runs.ts';
import { runId } from './run-id.ts';

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
  const base = await repository.resolve(pull.baseBranch);
  const head = await repository.resolve(pull.headSha);
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
  const { channels, pipelines, problems } = await readPolicy(repository, base.commit, planning.stepSchemas);
  const policy = channels.find(({ branch }) => branch === pull.baseBranch);
  if (!policy && problems.length === 0)
    return { ignored: `#${pull.number}: no channel has the branch ${pull.baseBranch}` };
  const pipeline = pipelines.find(({ on }) => on.event === 'pull-request' && on.branches.includes(pull.baseBranch));
  if (!pipeline && problems.length === 0)
    return { ignored: `#${pull.number}: no pipeline is for pull requests against ${pull.baseBranch}` };
  const rules = problems.length > 0 ? undefined : policy && pipeline && { policy, pipeline };
  const make = (tree: string): Run => {
    const { policy, pipeline } = rules ?? noRules(pull);
    const id = runId(
      `pr-${pull.number}`,
      request.repository,
      String(pull.number),
      base.commit,
      head.commit,
      evidenceKey(tree, pipeline),
      request.again,
    );
    return newRun({
      id,
      kind: 'pull-request',
      repository: request.repository,
      pullRequest: pull.number,
      base,
      head: { commit: head.commit, tree },
      policy,
      pipeline,
      clusters: [],
      requestedBy: request.requestedBy,
    });
  };
  if (!rules)
    return {
      run: endedRun(
        make(head.tree),
        'errored',
        `the rules of ${pull.baseBranch} are not valid:\n${problems.join('\n')}`,
      ),
    };
  if (await needsTrust(planning, request.repository, pull)) {
    return {
      run: endedRun(
        make(head.tree),
        'unknown',
        `${pull.author}'s code runs only after someone with write access has commented /ok-to-test`,
      ),
    };
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
  return { run: await shortCut(planning, request, rules.pipeline, repository, base, make(merge.tree)) };
}

/** A run that need not do anything, because the answer is known. */
async function shortCut(
  planning: Planning,
  request: VerifyRequest,
  pipeline: Pipeline,
  repository: GitRepository,
  base: Revision,
  run: Run,
): Promise<Run> {
  if (request.again !== undefined) return run;
  const ignored = picomatch(pipeline.on.event === 'pull-request' ? pipeline.on.ignorePaths : [], { dot: true });
  const changed = await repository.changedFiles(base.tree, run.tree);
  if (changed.every((path) => ignored(path)))
    return endedRun(
      run,
      'succeeded',
      changed.length === 0
        ? 'it changes nothing'
        : `it changes only paths that the pipeline ignores: ${changed.slice(0, 5).join(', ')}`,
    );
  const evidence = await planning.store.evidence.find(run.evidenceKey);
  if (!evidence) return run;
  if (evidence.verdict === 'success')
    return endedRun(run, 'succeeded', `the same tree was proven by run ${evidence.runId}`, evidence.runId);
  return endedRun(
    run,
    'failed',
    `the same tree failed in run ${evidence.runId} (comment /retest to try again): ${evidence.reason}`,
    evidence.runId,
  );
}

/** Stands in a run that says that the real rules can't be read. */
function noRules(pull: PullRequest): { policy: Channel; pipeline: Pipeline } {
  return {
    policy: {
      channel: 'unknown',
      branch: pull.baseBranch,
      source: 'cluster',
      rollout: { waves: [{ name: 'all', maxUnavailable: 1 }], failureBudget: 0, gates: [] },
    },
    pipeline: {
      pipeline: 'none',
      on: { event: 'pull-request', branches: [pull.baseBranch], ignorePaths: [] },
      stages: [],
    },
  };
}
