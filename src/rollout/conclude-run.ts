import { supersededBy } from '../domain/cancel-reason.ts';
import { FairwayError } from '../domain/errors.ts';
import { leftOutOfAll } from '../domain/left-out.ts';
import type { Run } from '../domain/run.ts';
import { wasHalted } from '../domain/run-progress.ts';
import { readPolicy } from '../steps/policy-files.ts';
import { newRun } from './new-run.ts';
import type { Planning } from './planning.ts';
import { rollBack } from './roll-back.ts';
import { rollOutChannel } from './roll-out-channel.ts';
import { runId } from './run-id.ts';

/** What follows from a run's end. Can be repeated: it is done again when the end could not be written. */
export async function concludeRun(planning: Planning, run: Run, signal: AbortSignal): Promise<void> {
  if (run.kind === 'pull-request') return concludeProof(planning, run);
  if (run.kind === 'rollout' || run.kind === 'rollback') return concludeRollout(planning, run, signal);
}

/** What the world said is kept; that we broke or were stopped says nothing about the tree. */
async function concludeProof({ store }: Planning, run: Run): Promise<void> {
  if (run.status !== 'succeeded' && run.status !== 'failed') return;
  await store.evidence.keep({
    key: run.evidenceKey,
    verdict: run.status === 'succeeded' ? 'success' : 'failure',
    reason: run.status === 'succeeded' ? leftOutOfAll(run.stages).join('; ') : run.reason,
    runId: run.id,
    at: Date.now(),
  });
}

async function concludeRollout(planning: Planning, run: Run, signal: AbortSignal): Promise<void> {
  const { store } = planning;
  const converged =
    run.kind === 'rollout' && run.status === 'succeeded'
      ? { sha: run.headSha, tree: run.tree, at: Date.now() }
      : undefined;
  await store.channels.finish(run.repository, run.channel, run.id, converged);
  await store.audit.append({
    id: `${run.id}/end`,
    at: Date.now(),
    actor: 'fairway',
    action: `${run.kind}-${run.status}`,
    subject: `${run.repository}/${run.channel}`,
    detail: run.headSha,
  });
  if (converged) await beginPromotion(planning, run);
  await rollOutNext(planning, run, signal);
  if (goesBackByItself(run)) await takeBack(planning, run, signal);
}

function goesBackByItself(run: Run): boolean {
  const failed = run.status === 'failed' || run.status === 'errored';
  return run.kind === 'rollout' && failed && run.policy.rollout.rollback === 'auto' && wasHalted(run);
}

/** A newer revision, which may be the remedy, comes before going back. */
async function takeBack(planning: Planning, { repository, channel }: Run, signal: AbortSignal): Promise<void> {
  try {
    await rollBack(planning, { repository, channel, requestedBy: 'fairway' }, signal);
  } catch (error) {
    if (!(error instanceof FairwayError)) throw error;
  }
}

/** A newer revision may have waited. That it can't be rolled out now is no reason for this run not to end: catching up tries again. */
async function rollOutNext(planning: Planning, { repository, policy }: Run, signal: AbortSignal): Promise<void> {
  try {
    await rollOutChannel(planning, { repository, branch: policy.branch, requestedBy: 'fairway' }, signal);
  } catch (error) {
    if (!(error instanceof FairwayError)) throw error;
  }
}

async function beginPromotion({ store, git, stepSchemas, dispatcher }: Planning, run: Run): Promise<void> {
  const promotion = run.policy.promotion;
  if (!promotion || promotion.open === 'manual') return;
  const { pipelines } = await readPolicy(git.repository(run.repository), run.headSha, stepSchemas);
  const pipeline = pipelines.find(({ on }) => on.event === 'converged');
  if (!pipeline) return;
  const soaking = pipeline.stages.map((stage) => ({
    ...stage,
    steps: stage.steps.map((step) =>
      step.kind === 'soak' && step.with.for === undefined ? { ...step, with: { for: `${promotion.soak}ms` } } : step,
    ),
  }));
  const id = runId(`promote-${run.channel}`, run.repository, run.channel, run.headSha);
  const head = { commit: run.headSha, tree: run.tree };
  await store.runs.create(
    newRun({
      id,
      kind: 'promotion',
      repository: run.repository,
      base: undefined,
      head,
      policy: run.policy,
      pipeline: { ...pipeline, stages: soaking },
      clusters: [],
      requestedBy: 'fairway',
    }),
  );
  for (const older of await store.runs.list({
    kind: 'promotion',
    repository: run.repository,
    channel: run.channel,
    live: true,
  })) {
    if (older.id !== id) await store.runs.requestCancel(older.id, supersededBy(run.headSha));
  }
  await dispatcher.wake({ wake: 'run', id });
}
