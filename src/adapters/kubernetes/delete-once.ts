import type { Deletion } from '../../domain/manifest.ts';
import type { DeleteOutcome, DeletionList } from '../../ports/kube.ts';
import type { ClusterMemory } from './cluster-memory.ts';
import { deleteAll, uidsToDelete } from './delete-all.ts';
import type { ObjectApi } from './object-api.ts';

/**
 * A list of deletions once for an apply, however often that is entered again: the uids of what is meant are written down before the first
 * of them is deleted, so that what the same apply has made since stays, after a crash at any moment too.
 */
export async function deleteOnce(
  api: ObjectApi,
  memory: ClusterMemory,
  deletions: Deletion[],
  { list, attempt }: DeletionList,
  signal: AbortSignal,
): Promise<DeleteOutcome> {
  if (deletions.length === 0) return { outcome: 'deleted', objects: [] };
  const recollection = await memory.read(signal);
  const known = recollection.deletions(list);
  const uids = known?.attempt === attempt ? known.uids : await uidsToDelete(api, deletions, signal);
  if (known?.attempt !== attempt)
    await recollection.write({ what: 'deletions', of: list, is: { attempt, uids } }, signal);
  const meant = new Set(uids);
  return deleteAll(api, deletions, signal, ({ metadata }) => meant.has(metadata.uid));
}
