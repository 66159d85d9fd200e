import { z } from 'zod';
import type { Run } from '../domain/run.ts';
import { defineStep } from './step.ts';
import { ephemeralCluster, providerOf } from './target.ts';

/** Removes the run's ephemeral cluster; one that was never made counts as removed. */
export const deleteCluster = defineStep({
  kind: 'delete-cluster',
  schema: z.strictObject({}),
  needs: ['providers'],
  deadline: 10 * 60_000,
  late: 'errored',
  async run({ run, world, signal }) {
    const provider = providerOf(ephemeralCluster(run), world.providers);
    const state = await provider.delete(run.id, signal);
    if (state.phase === 'absent') {
      const summary = beganACluster(run) ? `cluster ${run.id} is gone` : 'no cluster was made';
      return { outcome: 'succeeded', summary };
    }
    if (state.phase === 'failed') throw new Error(state.reason);
    const left = state.phase === 'deleting' ? state.left.join(', ') : state.phase;
    return { outcome: 'running', progress: `still there: ${left}`, retryAfter: 500 };
  },
});

function beganACluster({ stages }: Run): boolean {
  return stages.some(({ steps }) =>
    steps.some(({ kind, startedAt }) => kind === 'create-cluster' && startedAt !== undefined),
  );
}
