import { join } from 'node:path';
import { z } from 'zod';
import type { Artifacts } from '../ports/artifacts.ts';
import type { ConformanceResult } from './conformance/conformance-state.ts';
import { listSpecs } from './conformance/list-specs.ts';
import { observeConformance } from './conformance/observe-conformance.ts';
import { conformanceProfiles, withoutNodes } from './conformance/profile.ts';
import { runFolder } from './conformance/run-folder.ts';
import { startConformance } from './conformance/start-conformance.ts';
import { stopConformance } from './conformance/stop-conformance.ts';
import { defineStep, type StepOutcome } from './step.ts';
import { providerOf, targetOf } from './target.ts';

/** Runs the official Kubernetes conformance suite against the cluster. */
export const conformance = defineStep({
  kind: 'conformance',
  schema: z.strictObject({ profile: z.enum(['smoke', 'gate', 'certify']).default('gate') }),
  needs: ['registry', 'providers', 'workFolder', 'artifacts', 'conformanceTools'],
  deadline: 5 * 3_600_000,
  late: 'failed',
  async run({ run, stage, world, signal, log }, { profile }) {
    const folder = join(await world.workFolder(run.id), 'conformance');
    const state = await observeConformance(folder);
    if (state.state === 'running') {
      const { done, total, failed, latest } = state.progress;
      const counts = `${done} of ${total ?? '?'} specs${failed > 0 ? `, ${failed} failed` : ''}`;
      return { outcome: 'running', progress: latest === '' ? counts : `${counts}; ${latest}`, retryAfter: 1_000 };
    }
    if (state.state === 'finished') {
      const files = runFolder(folder);
      await world.artifacts.putFile(run.id, 'conformance.log', files.log).catch(() => log('the suite left no log'));
      await world.artifacts
        .putFile(run.id, 'conformance.junit.xml', files.junit)
        .catch(() => log('the suite left no JUnit report'));
      return conclude(run.id, state.result, world.artifacts);
    }
    const { e2eTest, ginkgo, kubectl } = await world.conformanceTools.prepare(log, signal);
    const cluster = await targetOf(run, stage, world);
    const provider = providerOf(cluster, world.providers);
    const { realNodes } = await provider.powers(cluster.local_id);
    if (!realNodes && profile === 'certify')
      return { outcome: 'unknown', reason: 'the profile certify leaves nothing out, and the cluster has no nodes' };
    const specs = await listSpecs(e2eTest);
    const chosen = realNodes ? conformanceProfiles[profile] : withoutNodes(conformanceProfiles[profile], specs);
    // Told to run nothing in particular, ginkgo runs everything.
    if (chosen.select(specs).length === 0)
      return { outcome: 'unknown', reason: `the profile ${profile} selects none of this release's specs` };
    await startConformance({
      folder,
      profile: chosen,
      specs,
      kubeconfig: await provider.kubeconfig(cluster.local_id),
      programs: { ginkgo, 'e2e.test': e2eTest, kubectl },
    });
    return { outcome: 'running', progress: `profile ${profile}`, retryAfter: 1_000 };
  },
  async stop({ run, world }) {
    await stopConformance(join(await world.workFolder(run.id), 'conformance'), { graceMs: 2_000 });
  },
});

async function conclude(runId: string, result: ConformanceResult, artifacts: Artifacts): Promise<StepOutcome> {
  const { verdict, passed, failed, skipped, leftOut, reason } = result;
  const specs = result.specs.map(({ name, outcome, seconds }) => ({ name, status: outcome, seconds }));
  await artifacts.put(runId, 'conformance.json', JSON.stringify(result, null, 2));
  const output = { passed, failed, skipped, specs, leftOut };
  if (verdict === 'success') return { outcome: 'succeeded', summary: `${passed} specs passed`, output };
  const names = result.specs
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ name, reason }) => `${name}: ${reason.split('\n')[0]}`);
  return { outcome: verdict === 'failure' ? 'failed' : 'unknown', reason: [reason, ...names].join('\n'), output };
}
