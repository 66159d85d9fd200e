import type { Deletion } from '../../domain/manifest.ts';
import type { DeleteOutcome, DeletionList } from '../../ports/kube.ts';
import type { ClusterMemory, Recollection } from './cluster-memory.ts';
import { deleteAll, meantByDeletions } from './delete-all.ts';
import type { ObjectApi } from './object-api.ts';

/**
 * A list of deletions once for an apply, however often that is entered again: the uids of what is meant are written down before the first
 * of them is deleted, so that what the same apply has made since stays, after a crash at any moment too.
 */
export async function deleteOnce(
  api: ObjectApi,
  memory: ClusterMemory,
  deletions: Deletion[],
  once: DeletionList,
  signal: AbortSignal,
): Promise<DeleteOutcome> {
  const { list, attempt } = once;
  if (deletions.length === 0) return { outcome: 'deleted', objects: [] };
  const recollection = await memory.read(signal);
  const known = recollection.deletions(list);
  const uids = known?.attempt === attempt ? known.uids : await begin(api, recollection, deletions, once, signal);
  const meant = new Set(uids);
  return deleteAll(api, deletions, signal, ({ metadata }) => meant.has(metadata.uid));
}

/** A Job that is listed under pre_apply is to run anew, although it completed. */
async function begin(
  api: ObjectApi,
  recollection: Recollection,
  deletions: Deletion[],
  { list, attempt }: DeletionList,
  signal: AbortSignal,
): Promise<string[]> {
  const { uids, named } = await meantByDeletions(api, deletions, signal);
  if (list === 'pre_apply') await recollection.forgetRuns({ uids: new Set(uids), of: new Set(named) }, signal);
  await recollection.write({ what: 'deletions', of: list, is: { attempt, uids } }, signal);
  return uids;
}
