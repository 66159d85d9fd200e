import { createHash } from 'node:crypto';
import type { Pipeline } from './pipeline.ts';
import type { Verdict } from './run.ts';

/** What a run found out about a step from one tree to another. */
export interface Evidence {
  key: string;
  repository: string;
  /** The channel's branch whose rules asked for the proof. */
  branch: string;
  /** What the clusters were before. */
  baseTree: string;
  tree: string;
  verdict: Exclude<Verdict, 'unknown'>;
  /** Why it failed; of a success, what was left out of the proof or why there was nothing to prove, or nothing. */
  reason: string;
  /** The run that found it out, or who made the exception. */
  runId: string;
  at: number;
}

/**
 * Under which a verdict is kept: the step from base to head, and the stages that proved it. A tree alone is not enough: what can be
 * done, like making another version of a CRD the stored one, can't always be undone. And a tree that passed a short pipeline does not
 * count as proven for a channel with a longer one.
 */
export function evidenceKey(baseTree: string | undefined, tree: string, pipeline: Pipeline): string {
  const stages = createHash('sha256').update(JSON.stringify(pipeline.stages)).digest('hex').slice(0, 16);
  return `${baseTree ?? 'nothing'}-${tree}-${stages}`;
}
