import { z } from 'zod';
import type { LiveObject } from '../live-object.ts';
import type { ObjectApi } from '../object-api.ts';

const claimSpec = z.object({ spec: z.object({ storageClassName: z.string().nullish() }).prefault({}) });
const storageClass = z.object({ volumeBindingMode: z.string().default('Immediate') });

/** The scheduler notes the node here once a pod uses the claim. */
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

/** A claim of a WaitForFirstConsumer class stays pending until a pod uses it; that is as it should be. */
export async function awaitsFirstConsumer(api: ObjectApi, claim: LiveObject, signal: AbortSignal): Promise<boolean> {
  const name = claimSpec.parse(claim).spec.storageClassName;
  if (name == null || name === '' || claim.metadata.annotations[SELECTED_NODE] !== undefined) return false;
  const place = await api.locate({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', name }, signal);
  const found = place === undefined ? undefined : await api.get(place, signal);
  return found !== undefined && storageClass.parse(found).volumeBindingMode === 'WaitForFirstConsumer';
}
