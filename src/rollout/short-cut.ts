import picomatch from 'picomatch';
import type { Pipeline } from '../domain/pipeline.ts';
import type { Run } from '../domain/run.ts';
import type { GitRepository, Revision } from '../ports/git-source.ts';
import { keepEvidence } from './keep-evidence.ts';
import { endedRun } from './new-run.ts';
import type { Planning } from './planning.ts';

/** The run as it is, or ended at once because its answer is known: nothing of weight changes, or the same step has a verdict. */
export async function shortCut(
  { store }: Pick<Planning, 'store'>,
  pipeline: Pipeline,
  repository: GitRepository,
  base: Revision,
  run: Run,
): Promise<Run> {
  const ignored = picomatch(pipeline.on.event === 'pull-request' ? pipeline.on.ignorePaths : [], { dot: true });
  const changed = await repository.changedFiles(base.tree, run.tree);
  if (changed.length === 0) return endedRun(run, 'succeeded', 'it changes nothing');
  if (changed.every((path) => ignored(path))) {
    const some = changed.slice(0, 5).join(', ');
    const ended = endedRun(run, 'succeeded', `it changes only paths that the pipeline ignores: ${some}`);
    await keepEvidence(store, ended);
    return ended;
  }
  const evidence = await store.evidence.find(run.evidenceKey);
  if (!evidence) return run;
  const { verdict, runId, reason } = evidence;
  if (verdict === 'success') {
    await store.evidence.keep({ ...evidence, repository: run.repository, branch: run.policy.branch });
    const exceptions = reason === '' ? '' : `, but for what was left out there: ${reason}`;
    return endedRun(
      run,
      'succeeded',
      `the same change to the same base was proven by run ${runId}${exceptions}`,
      runId,
    );
  }
  const sentence = `the same change to the same base failed in run ${runId} (comment /retest to try again): ${reason}`;
  return endedRun(run, 'failed', sentence, runId);
}
