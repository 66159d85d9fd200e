import { randomBytes } from 'node:crypto';
import type { Channel } from '../domain/channel.ts';
import { FairwayError } from '../domain/errors.ts';
import type { Pipeline } from '../domain/pipeline.ts';
import type { Run } from '../domain/run.ts';
import type { GitSource } from '../ports/git-source.ts';
import { newRun } from '../rollout/new-run.ts';
import { readPolicy } from '../steps/policy-files.ts';
import { stepSchemas } from '../steps/registry.ts';

export interface ProofRequest {
  /** Commits of the scratch history. */
  base: string;
  head: string;
  /** Undefined: the one in which changes begin. */
  channel: string | undefined;
  /** The last stage that is wanted; what always runs is kept. */
  until: string | undefined;
}

/** The run that a pull request from head to base would have, by the base's own rules. Throws FairwayError `refused` for what is not there. */
export async function planProof(git: GitSource, request: ProofRequest): Promise<Run> {
  const name = `prove/${randomBytes(5).toString('hex')}`;
  const repository = git.repository(name);
  await repository.fetch(AbortSignal.timeout(60_000));
  const [base, head] = [await repository.commit(request.base), await repository.commit(request.head)];
  if (!base || !head) throw new Error('the scratch history lost its commits');
  const { channels, pipelines, problems } = await readPolicy(repository, base.commit, stepSchemas);
  if (problems.length > 0)
    throw new FairwayError('refused', `the rules of the base are not valid:\n${problems.join('\n')}`);
  const policy = chooseChannel(channels, request.channel);
  const pipeline = pipelines.find(({ on }) => on.event === 'pull-request' && on.branches.includes(policy.branch));
  if (!pipeline) throw new FairwayError('refused', `no pipeline is for pull requests against ${policy.branch}`);
  return newRun({
    id: name.replace('/', '-'),
    kind: 'prove',
    repository: name,
    base,
    head,
    policy,
    pipeline: cut(pipeline, request.until),
    clusters: [],
    requestedBy: 'terminal',
  });
}

function chooseChannel(channels: readonly Channel[], wanted: string | undefined): Channel {
  const found = wanted === undefined ? channels[0] : channels.find(({ channel }) => channel === wanted);
  if (found) return found;
  const names = channels.map(({ channel }) => channel).join(', ');
  throw new FairwayError('refused', `there is no channel "${wanted}"; there are ${names}`);
}

function cut(pipeline: Pipeline, until: string | undefined): Pipeline {
  const names = pipeline.stages.map(({ stage }) => stage);
  const last = until === undefined ? names.length - 1 : names.indexOf(until);
  if (last < 0) throw new FairwayError('refused', `there is no stage "${until}"; there are ${names.join(', ')}`);
  const wanted = pipeline.stages.slice(0, last + 1);
  // What always runs looks after the cluster; without one it has nothing to do, and nothing is to be said of it.
  const makesCluster = wanted.some(({ steps }) => steps.some(({ kind }) => kind === 'create-cluster'));
  const rest = pipeline.stages.slice(last + 1).filter(({ always }) => always && makesCluster);
  const kept = new Set([...wanted, ...rest].map(({ stage }) => stage));
  const stages = pipeline.stages
    .filter(({ stage }) => kept.has(stage))
    .map((stage) => ({ ...stage, after: stage.after.filter((name) => kept.has(name)) }));
  return { ...pipeline, stages };
}
