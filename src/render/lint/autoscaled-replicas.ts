import { groupOf } from '../kind-scopes.ts';
import type { DesiredState, Target } from './desired-state.ts';
import { below, textBelow, wholeOf } from './fields.ts';
import type { ObjectFault } from './finding.ts';
import type { PlacedObject } from './placed-object.ts';

/** `replicas` of a workload that an autoscaler of the same cluster scales. */
export function autoscaledReplicas({ object, namespace }: PlacedObject, state: DesiredState): ObjectFault[] {
  const replicas = below(wholeOf(object), 'spec', 'replicas');
  if (replicas === undefined) return [];
  const group = groupOf(object.apiVersion);
  const scaler = state.in(namespace).find((other) => {
    const target = scaledBy(other);
    return target?.group === group && target.kind === object.kind && target.name === object.metadata.name;
  });
  if (scaler === undefined) return [];
  const message = `replicas: ${JSON.stringify(replicas.value)}, but how many there are is for ${state.describe(scaler)} to say; leave replicas out`;
  return [{ severity: 'warning', path: replicas.path, message }];
}

/** The workload that a HorizontalPodAutoscaler, or KEDA's ScaledObject, scales. */
export function scaledBy({ object, namespace }: PlacedObject): Target | undefined {
  const group = groupOf(object.apiVersion);
  const isScaledObject = group === 'keda.sh' && object.kind === 'ScaledObject';
  if (!isScaledObject && !(group === 'autoscaling' && object.kind === 'HorizontalPodAutoscaler')) return undefined;
  const reference = below(wholeOf(object), 'spec', 'scaleTargetRef');
  const name = textBelow(reference, 'name');
  const kind = textBelow(reference, 'kind') ?? (isScaledObject ? 'Deployment' : undefined);
  const apiVersion = textBelow(reference, 'apiVersion') ?? (isScaledObject ? 'apps/v1' : undefined);
  return name === undefined || kind === undefined || apiVersion === undefined
    ? undefined
    : { group: groupOf(apiVersion), kind, namespace, name };
}
