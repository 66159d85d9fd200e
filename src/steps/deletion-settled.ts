import { stringify } from 'yaml';
import { describeRef } from '../domain/manifest.ts';
import type { DeleteOutcome, DeleteRefusal } from '../ports/kube.ts';
import { inShort } from './in-short.ts';
import type { StepOutcome } from './step.ts';

/** How many objects that are waited for are named. */
const NAMED = 10;

/** What a deletion means for its step; undefined when it is done. */
export function deletionSettled(
  deletion: DeleteOutcome,
  what: string,
  log: (text: string) => void,
): StepOutcome | undefined {
  if (deletion.outcome === 'refused') return deletionRefused(deletion.refusals, what, log);
  for (const ref of deletion.objects) log(`${describeRef(ref)} deleted`);
  if (deletion.outcome === 'waiting') {
    const { left } = deletion;
    const named = left.slice(0, NAMED).map(({ ref, reason }) => `${describeRef(ref)} (${reason})`);
    const more = left.length > NAMED ? ` and ${left.length - NAMED} more` : '';
    return { outcome: 'running', progress: `${what}: waiting for ${named.join(', ')}${more}`, retryAfter: 500 };
  }
  for (const { ref, reason } of deletion.spared ?? []) log(`${describeRef(ref)} is not pruned: it ${reason}`);
  return undefined;
}

/** With the rows of `deletions.yaml` that would let those go that may. */
export function deletionRefused(refusals: DeleteRefusal[], what: string, log: (text: string) => void): StepOutcome {
  const sentences = inShort(
    refusals.map(({ message }) => `${what}: ${message}`),
    log,
  );
  const rows = refusals.flatMap(({ entry }) => (entry === undefined ? [] : [`  - ${rowOf(entry)}`]));
  if (rows.length === 0) return { outcome: 'failed', reason: sentences };
  const advice =
    'What is to go all the same must be named in deletions.yaml; what is to stay, annotated fairway.dev/prune: never:\npost_apply:';
  return { outcome: 'failed', reason: `${sentences}\n${advice}\n${inShort(rows, log)}` };
}

function rowOf(entry: NonNullable<DeleteRefusal['entry']>): string {
  return stringify(entry, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trim();
}
