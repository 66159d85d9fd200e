import type { DesiredState } from './desired-state.ts';
import type { ObjectFault } from './finding.ts';
import type { PlacedObject } from './placed-object.ts';

/** The first object of each namespace that nobody makes. Every cluster has `default` and those of the system. */
export function lostNamespaces(placed: PlacedObject, state: DesiredState): ObjectFault[] {
  const { namespace } = placed;
  if (/^(default|kube-.*)?$/.test(namespace) || state.in(namespace)[0] !== placed) return [];
  const found = state.find({ group: '', kind: 'Namespace', namespace: '', name: namespace });
  if (found !== undefined || state.makers.mayMake(namespace)) return [];
  const message = `there is no Namespace ${namespace} in this cluster's desired state`;
  return [{ severity: 'warning', path: ['metadata', 'namespace'], message }];
}
