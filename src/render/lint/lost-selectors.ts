import { groupOf } from '../kind-scopes.ts';
import type { DesiredState } from './desired-state.ts';
import { textBelow, textsBelow, wholeOf } from './fields.ts';
import type { ObjectFault } from './finding.ts';
import type { PlacedObject } from './placed-object.ts';
import { podTemplateOf } from './pods.ts';

/** Services whose selector matches no pod that anything in their namespace makes. */
export function lostSelectors({ object, namespace }: PlacedObject, state: DesiredState): ObjectFault[] {
  if (object.kind !== 'Service' || groupOf(object.apiVersion) !== '') return [];
  const whole = wholeOf(object);
  const selector = textsBelow(whole, 'spec', 'selector');
  if (selector.size === 0 || textBelow(whole, 'spec', 'type') === 'ExternalName') return [];
  // There, the system's own pods run.
  if (namespace === 'kube-system' || state.makers.mayMakePodsIn(namespace)) return [];
  const isMatched = state.in(namespace).some((other) => {
    const template = podTemplateOf(other.object);
    const labels = textsBelow(template, 'metadata', 'labels');
    return template !== undefined && [...selector].every(([key, value]) => labels.get(key) === value);
  });
  if (isMatched) return [];
  const shown = [...selector].map(([key, value]) => `${key}=${value}`).join(', ');
  const message = `spec.selector ${shown} matches no pods of the namespace ${namespace} in this cluster's desired state`;
  return [{ severity: 'warning', path: ['spec', 'selector'], message }];
}
