import { leftOutOfAll } from '../domain/left-out.ts';
import type { Run } from '../domain/run.ts';
import type { Store } from '../ports/store.ts';

/** Keeps what the world said of a step, for the branch that asked. That we broke or were stopped says nothing about it. */
export async function keepEvidence({ evidence }: Pick<Store, 'evidence'>, run: Run): Promise<void> {
  if (run.status !== 'succeeded' && run.status !== 'failed') return;
  const succeeded = run.status === 'succeeded';
  await evidence.keep({
    key: run.evidenceKey,
    repository: run.repository,
    branch: run.policy.branch,
    baseTree: run.baseTree ?? 'nothing',
    tree: run.tree,
    verdict: succeeded ? 'success' : 'failure',
    reason: succeeded ? leftOutOfAll(run.stages).join('; ') : run.reason,
    runId: run.reusedFrom ?? run.id,
    at: Date.now(),
  });
}
