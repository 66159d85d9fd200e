import { ownerOf } from '../domain/lease.ts';
import type { Run } from '../domain/run.ts';
import { createClusterParameters } from './create-cluster-parameters.ts';
import { defineStep } from './step.ts';
import { ephemeralCluster, providerOf } from './target.ts';

/** Makes the run's ephemeral cluster: a lease with a time to live, owned by the run. */
export const createCluster = defineStep({
  kind: 'create-cluster',
  schema: createClusterParameters,
  needs: ['providers'],
  deadline: 20 * 60_000,
  late: 'errored',
  async run({ run, world, startedAt, signal, log }, { nodes, timeToLive }) {
    const cluster = ephemeralCluster(run);
    const provider = providerOf(cluster, world.providers);
    const expiresAt = new Date(startedAt + timeToLive);
    const spec = { name: run.id, nodes, owner: ownerOf(run), expiresAt, testImages: testImagesFor(run) };
    const state = await provider.ensure(spec, signal);
    if (state.phase === 'failed') throw new Error(state.reason);
    if (state.phase !== 'ready') {
      return {
        outcome: 'running',
        progress: state.phase === 'creating' ? state.progress : state.phase,
        retryAfter: 500,
      };
    }
    const { missing } = await provider.powers(run.id);
    for (const sentence of missing) log(sentence);
    return {
      outcome: 'succeeded',
      summary: `cluster ${run.id} is ready`,
      output: { cluster: run.id, missing },
    };
  },
});

/** The profile smoke is made for the light images; all others, written or by default, ask for any. */
function testImagesFor(run: Run): 'light' | 'full' {
  const suites = run.stages.flatMap(({ steps }) => steps).filter(({ kind }) => kind === 'conformance');
  return suites.every(({ with: parameters }) => parameters.profile === 'smoke') ? 'light' : 'full';
}
