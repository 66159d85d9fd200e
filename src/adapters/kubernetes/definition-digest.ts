import { createHash } from 'node:crypto';
import { isJsonObject, type Json } from '../../domain/json.ts';
import type { KubernetesObject } from '../../domain/manifest.ts';
import { kindAndGroup } from './apply-order.ts';

/** What may be changed in a Job while it is there; a Job that has ended isn't run again for it. */
const changeableInJobs = new Set([
  'activeDeadlineSeconds',
  'backoffLimit',
  'parallelism',
  'suspend',
  'ttlSecondsAfterFinished',
]);

/** Whether it does something once and has ended then: a Job, or a Pod that isn't started anew. */
export function runsToEnd(object: KubernetesObject): boolean {
  const type = kindAndGroup(object);
  if (type === 'Job.batch') return true;
  return (
    type === 'Pod' && isJsonObject(object.spec) && ['Never', 'OnFailure'].includes(String(object.spec.restartPolicy))
  );
}

/** The same for two objects that do the same. Names, labels and annotations of the object itself don't count: they change nothing that runs. */
export function definitionDigest({ spec }: KubernetesObject): string {
  if (!isJsonObject(spec)) return digestOf(null);
  return digestOf(Object.fromEntries(Object.entries(spec).filter(([field]) => !changeableInJobs.has(field))));
}

/** Of a value, whatever the order of its keys. */
export function digestOf(value: Json): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex')
    .slice(0, 32);
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key] ?? null)]));
}
