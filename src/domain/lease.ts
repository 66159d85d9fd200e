import type { Run } from './run.ts';

/** Who keeps the run that owns an ephemeral cluster: a `fairway up` in its store, or a `fairway prove` in its own one beside it. */
export type Lessee = 'run' | 'prove';

/** The owner of a run's ephemeral cluster, as its provider keeps it. */
export function ownerOf({ kind, id }: Pick<Run, 'kind' | 'id'>): string {
  return `${kind === 'prove' ? 'prove' : 'run'}/${id}`;
}

/** The run that owns a cluster; undefined when somebody else does, or nobody. */
export function leaseOf(owner: string): { lessee: Lessee; runId: string } | undefined {
  const [, lessee, runId] = /^(run|prove)\/(.+)$/.exec(owner) ?? [];
  if (runId === undefined) return undefined;
  return { lessee: lessee === 'prove' ? 'prove' : 'run', runId };
}
