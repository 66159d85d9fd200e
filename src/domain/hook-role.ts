import { type Hook, hookDeletePolicies, hookEvents } from './hook.ts';
import { isJsonObject } from './json.ts';
import type { KubernetesObject } from './manifest.ts';

/**
 * `object`: one like others. `hook`: has its time. `never`: belongs to an event that doesn't happen here, as tests do. Namespaces and
 * CRDs are always objects, since nothing can be checked without them.
 */
export type HookRole = { role: 'object' } | { role: 'hook'; hook: Hook } | { role: 'never' };

export function hookRole(object: KubernetesObject): HookRole {
  const annotations = isJsonObject(object.metadata.annotations) ? object.metadata.annotations : {};
  const given = annotations['helm.sh/hook'];
  if (typeof given !== 'string') return { role: 'object' };
  const words = wordsOf(given);
  const events = hookEvents.filter((event) => words.includes(event));
  if (events.length === 0) return { role: words.includes('crd-install') ? 'object' : 'never' };
  if (object.kind === 'Namespace' || object.kind === 'CustomResourceDefinition') return { role: 'object' };
  const policies = wordsOf(annotations['helm.sh/hook-delete-policy']);
  const deletePolicies = hookDeletePolicies.filter((policy) => policies.includes(policy));
  return { role: 'hook', hook: { events, weight: weightOf(annotations['helm.sh/hook-weight']), deletePolicies } };
}

function wordsOf(list: unknown): string[] {
  return typeof list === 'string' ? list.split(',').map((word) => word.trim()) : [];
}

/** As Helm reads it: what is no whole number is 0. */
function weightOf(text: unknown): number {
  return typeof text === 'string' && /^[-+]?\d+$/.test(text) ? Number(text) : 0;
}
