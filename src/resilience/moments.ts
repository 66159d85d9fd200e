import { isFinal, type Run } from '../domain/run.ts';
import type { RunFilter } from '../ports/store.ts';
import type { Scene } from './scene.ts';

/** Whether the run's turn is at this step of this stage: `after` when it is past it. */
export function turnOf(run: Run, stage: string, kind: string): 'before' | 'in' | 'after' {
  const found = run.stages.find(({ name }) => name === stage);
  const index = found?.steps.findIndex((step) => step.kind === kind) ?? -1;
  const step = found?.steps[index];
  if (!found || !step) throw new Error(`${run.id} has no ${kind} in ${stage}`);
  if (isFinal(step.status)) return 'after';
  const begun = found.status === 'running' && found.steps.slice(0, index).every(({ status }) => isFinal(status));
  return begun ? 'in' : 'before';
}

/** Each of the many objects in a cluster with its version, which rises with every write. */
export async function versionsOf(scene: Scene, cluster: string): Promise<string[]> {
  const columns = 'custom-columns=N:.metadata.name,V:.metadata.resourceVersion';
  const text = await scene.kubectl(cluster, 'get', 'configmaps', '-o', columns);
  return text.split('\n').filter((line) => line.startsWith('many-'));
}

/** Kills Fairway as soon as the newest run of that kind is in this step, and says whether the step was really cut off. */
export async function killIn(
  scene: Scene,
  filter: RunFilter,
  [stage, kind]: readonly [string, string],
  when: (run: Run) => Promise<boolean> = async () => true,
): Promise<'in' | 'after'> {
  await scene.until(
    `${kind} of ${stage}`,
    async () => {
      const run = await scene.run(filter);
      const turn = run ? turnOf(run, stage, kind) : 'before';
      return run && (turn === 'after' || (turn === 'in' && (await when(run)))) ? true : undefined;
    },
    5,
  );
  await scene.kill();
  const run = await scene.run(filter);
  return run && turnOf(run, stage, kind) === 'in' ? 'in' : 'after';
}
