import { supersededBy } from '../domain/cancel-reason.ts';
import type { Run } from '../domain/run.ts';
import { readPolicy } from '../steps/policy-files.ts';
import { newRun } from './new-run.ts';
import type { Planning } from './planning.ts';
import { runId } from './run-id.ts';

/** What follows when all clusters of a channel have converged by this rollout. `about` tells apart what is begun for another reason. */
export async function beginPromotion(
  { store, git, stepSchemas, dispatcher }: Planning,
  run: Run,
  ...about: string[]
): Promise<void> {
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
  const id = runId(`promote-${run.channel}`, run.repository, run.channel, run.headSha, run.id, ...about);
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

/** Someone has moved the branch of a promotion that had soaked: it is proposed again. */
export async function proposeAgain(
  planning: Planning,
  repository: string,
  channel: string,
  moved: string,
): Promise<void> {
  const { store } = planning;
  const { convergedSha } = await store.channels.get(repository, channel);
  const [promotion] = await store.runs.list({ kind: 'promotion', repository, channel, limit: 1 });
  if (promotion?.status !== 'succeeded' || promotion.headSha !== convergedSha) return;
  const rollouts = await store.runs.list({ kind: 'rollout', repository, channel });
  const converged = rollouts.find(({ status, headSha }) => status === 'succeeded' && headSha === convergedSha);
  if (converged) await beginPromotion(planning, converged, moved);
}
