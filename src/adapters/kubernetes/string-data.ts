import { z } from 'zod';
import { isJsonObject, type Json } from '../../domain/json.ts';
import type { KubernetesObject } from '../../domain/manifest.ts';
import { kindAndGroup } from './apply-order.ts';
import type { LiveObject } from './live-object.ts';
import { FIELD_MANAGER, type ObjectApi, type Place } from './object-api.ts';

const owned = z.object({ fieldsV1: z.object({ 'f:stringData': z.record(z.string(), z.unknown()) }) });

/**
 * Secrets that earlier versions applied with `stringData`: the API server holds us for the owner of that field, and not of the keys in `data`
 * that came of it, so that none of them would ever go. By being applied once they become ours.
 */
export async function takeOverStringData(
  api: ObjectApi,
  place: Place,
  object: KubernetesObject,
  live: LiveObject,
  signal: AbortSignal,
): Promise<void> {
  if (kindAndGroup(place.ref) !== 'Secret' || !isJsonObject(live.data)) return;
  const wanted = isJsonObject(object.data) ? object.data : {};
  const stale: Record<string, Json> = {};
  for (const key of keysOfStringData(live)) {
    const value = live.data[key];
    if (value !== undefined && !Object.hasOwn(wanted, key)) stale[key] = value;
  }
  if (Object.keys(stale).length > 0)
    await api.apply(place, { ...object, data: { ...wanted, ...stale } }, 'persist', signal);
}

function keysOfStringData({ metadata }: LiveObject): string[] {
  return metadata.managedFields
    .filter(({ manager, operation }) => manager === FIELD_MANAGER && operation === 'Apply')
    .flatMap((entry) => Object.keys(owned.safeParse(entry).data?.fieldsV1['f:stringData'] ?? {}))
    .map((field) => field.replace(/^f:/, ''));
}
