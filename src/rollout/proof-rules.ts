import type { Channel } from '../domain/channel.ts';
import type { Pipeline } from '../domain/pipeline.ts';
import type { GitRepository } from '../ports/git-source.ts';
import { readPolicy } from '../steps/policy-files.ts';
import type { Planning } from './planning.ts';

export type ProofRules =
  | { rules: 'found'; policy: Channel; pipeline: Pipeline }
  /** Policy and pipeline are empty ones: they stand in a run that says that the real ones can't be read, or that there are none. */
  | { rules: 'invalid' | 'none'; policy: Channel; pipeline: Pipeline; reason: string };

/** By what changes of a branch are proven: the rules at the base, so that nothing a change brings has a say in its own proof. */
export async function proofRules(
  { stepSchemas }: Pick<Planning, 'stepSchemas'>,
  repository: GitRepository,
  baseCommit: string,
  branch: string,
): Promise<ProofRules> {
  const { channels, pipelines, problems } = await readPolicy(repository, baseCommit, stepSchemas);
  if (problems.length > 0)
    return {
      rules: 'invalid',
      ...noRules(branch),
      reason: `the rules of ${branch} are not valid:\n${problems.join('\n')}`,
    };
  const policy = channels.find((channel) => channel.branch === branch);
  if (!policy) return { rules: 'none', ...noRules(branch), reason: `no channel has the branch ${branch}` };
  const pipeline = pipelines.find(({ on }) => on.event === 'pull-request' && on.branches.includes(branch));
  if (!pipeline)
    return { rules: 'none', ...noRules(branch), reason: `no pipeline is for pull requests against ${branch}` };
  return { rules: 'found', policy, pipeline };
}

function noRules(branch: string): { policy: Channel; pipeline: Pipeline } {
  const rollout = {
    waves: [{ name: 'all', maxUnavailable: 1 }],
    failureBudget: 0,
    gates: [],
    rollback: 'never' as const,
  };
  return {
    policy: {
      channel: 'unknown',
      branch,
      source: 'cluster',
      pullRequests: { drafts: 'prove', gateChanges: 'tell' },
      rollout,
    },
    pipeline: { pipeline: 'none', on: { event: 'pull-request', branches: [branch], ignorePaths: [] }, stages: [] },
  };
}
