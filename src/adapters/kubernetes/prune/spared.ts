import type { InventoryObject } from '../../../ports/kube.ts';
import type { LiveObject } from '../live-object.ts';
import { isNamespace } from '../namespace-states.ts';
import { FIELD_MANAGER } from '../object-api.ts';

const KEEPING_WORDS: Record<string, string> = { 'fairway.dev/prune': 'never', 'helm.sh/resource-policy': 'keep' };

/** They are there before anything is applied, and the API server lets nobody delete most of them. */
const NAMESPACES_OF_KUBERNETES = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease']);

/** The annotation that spares an object from prune. As Helm reads its own: blanks around and capitals don't matter. */
export function keepingAnnotation(annotations: Record<string, unknown> | undefined): string | undefined {
  for (const [name, word] of Object.entries(KEEPING_WORDS)) {
    const value = annotations?.[name];
    if (typeof value === 'string' && value.trim().toLowerCase() === word) return `${name}: ${word}`;
  }
  return undefined;
}

/** Why prune leaves an object alone that is no longer wanted; undefined when it doesn't. */
export function reasonToSpare(live: LiveObject, { kept }: Pick<InventoryObject, 'kept'>): string | undefined {
  const { metadata } = live;
  const annotation = keepingAnnotation(metadata.annotations);
  if (annotation !== undefined) return `is annotated ${annotation}`;
  if (kept !== undefined) return `was annotated ${kept} in the repository`;
  if (isNamespace(live) && NAMESPACES_OF_KUBERNETES.has(metadata.name)) return 'belongs to Kubernetes itself';
  const managers = metadata.managedFields.filter(makesAnew);
  const ours = managers.some(({ manager, operation }) => manager === FIELD_MANAGER && operation === 'Apply');
  // The API server notes no manager at all for an object that was applied without any field, such as an empty ConfigMap.
  if (ours || managers.length === 0) return undefined;
  const others = [...new Set(managers.flatMap(({ manager }) => manager ?? []))].join(', ');
  return `was made anew by someone else (${others}), who has to delete it`;
}

/** Not so who only writes a status, nor the API server itself, which names fields so that were there before any were managed. */
function makesAnew({ manager, subresource }: LiveObject['metadata']['managedFields'][number]): boolean {
  return manager !== 'before-first-apply' && subresource !== 'status';
}
