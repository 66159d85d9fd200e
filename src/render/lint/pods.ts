import type { KubernetesObject } from '../../domain/manifest.ts';
import { groupOf } from '../kind-scopes.ts';
import { below, type Field, itemsBelow, wholeOf } from './fields.ts';

const withTemplates = new Map<string, readonly string[]>([
  ['', ['ReplicationController']],
  ['apps', ['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet']],
  ['batch', ['Job']],
]);

/** What an object makes pods of, `metadata` and `spec` in it: the Pod itself, or a workload's template. */
export function podTemplateOf(object: KubernetesObject): Field | undefined {
  const whole = wholeOf(object);
  const group = groupOf(object.apiVersion);
  if (group === '' && object.kind === 'Pod') return whole;
  if (group === 'batch' && object.kind === 'CronJob') return below(whole, 'spec', 'jobTemplate', 'spec', 'template');
  return withTemplates.get(group)?.includes(object.kind) ? below(whole, 'spec', 'template') : undefined;
}

/** Init containers too. */
export function containersOf(template: Field): Field[] {
  return [...itemsBelow(template, 'spec', 'initContainers'), ...itemsBelow(template, 'spec', 'containers')];
}
