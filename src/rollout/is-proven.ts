import type { EvidenceStore } from '../ports/store.ts';

/** Trees that are looked at before the search is given up: a channel that is further behind is proven anew. */
const furthest = 500;

export interface Step {
  repository: string;
  /** Steps proven for another branch were proven by other rules. */
  branch: string;
  /** What all clusters of the channel have; undefined when they never converged. */
  from: string | undefined;
  to: string;
}

/**
 * Whether proven steps lead from what a channel has to a tree: a step for each merge since then. Of a channel that has never
 * converged there is nothing to come from, and any proof of the tree counts.
 */
export async function isProven(evidence: EvidenceStore, { repository, branch, from, to }: Step): Promise<boolean> {
  if (from === to) return true;
  const seen = new Set([to]);
  for (const tree of seen) {
    const bases = await evidence.provenBases(repository, branch, tree);
    if (from === undefined ? bases.length > 0 : bases.includes(from)) return true;
    for (const base of bases) if (seen.size < furthest) seen.add(base);
  }
  return false;
}
