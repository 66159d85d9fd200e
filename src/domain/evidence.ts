import { createHash } from 'node:crypto';
import type { Pipeline } from './pipeline.ts';
import type { Verdict } from './run.ts';

/** What a run found out about a tree. */
export interface Evidence {
  key: string;
  verdict: Exclude<Verdict, 'unknown'>;
  /** Why it failed; of a success, what was left out of the proof, or nothing. */
  reason: string;
  runId: string;
  at: number;
}

/**
 * Under which a verdict is kept: the git tree that was proven and the stages that proved it, so that a tree that passed a short
 * pipeline does not count as proven for a channel with a longer one.
 */
export function evidenceKey(tree: string, pipeline: Pipeline): string {
  const stages = createHash('sha256').update(JSON.stringify(pipeline.stages)).digest('hex').slice(0, 16);
  return `${tree}-${stages}`;
}
