import { isBuiltIn } from '../kind-scopes.ts';
import type { DesiredState, Target } from './desired-state.ts';
import { itemsBelow, textBelow, wholeOf } from './fields.ts';

const rolesOfTheServer = new Set(['admin', 'cluster-admin', 'edit', 'view']);
const rolesOfKubeSystem = new Set(['extension-apiserver-authentication-reader']);
const namespacesOfTheSystem = new Set(['kube-node-lease', 'kube-public', 'kube-system']);
/** By those who run the cluster, or in each namespace. */
const configMapsOfTheSystem = new Set([
  ...['aws-auth', 'cluster-info', 'coredns', 'extension-apiserver-authentication', 'kube-proxy', 'kube-root-ca.crt'],
  ...['istio-ca-root-cert', 'kubeadm-config', 'kubelet-config', 'openshift-service-ca.crt'],
]);

/** Whether what isn't in the desired state may well be in the cluster all the same: made by the system, by an operator, or by other people. */
export function isMadeElsewhere(target: Target, state: DesiredState): boolean {
  const { kind, namespace, name } = target;
  if (isOfTheSystem(target) || !isBuiltIn(`${target.group}/v1`)) return true;
  if (namespace !== '' && !state.isOurs(namespace)) return true;
  if (kind === 'PersistentVolumeClaim' && isClaimOfStatefulSet(target, state)) return true;
  return state.makers.mayMake(name) || (kind === 'Secret' && state.makers.isArgument(name));
}

function isOfTheSystem({ kind, namespace, name }: Target): boolean {
  switch (kind) {
    case 'ClusterRole':
      return rolesOfTheServer.has(name) || name.startsWith('system:');
    case 'Role':
      return name.startsWith('system:') || (namespace === 'kube-system' && rolesOfKubeSystem.has(name));
    case 'ServiceAccount':
      return name === 'default' || namespacesOfTheSystem.has(namespace);
    case 'PriorityClass':
      return name === 'system-cluster-critical' || name === 'system-node-critical';
    case 'ConfigMap':
      return configMapsOfTheSystem.has(name);
    case 'Service':
      return name === 'kubernetes' && namespace === 'default';
    default:
      return false;
  }
}

function isClaimOfStatefulSet({ namespace, name }: Target, state: DesiredState): boolean {
  return state.in(namespace).some(({ object }) => {
    if (object.kind !== 'StatefulSet') return false;
    return itemsBelow(wholeOf(object), 'spec', 'volumeClaimTemplates').some((claim) =>
      name.startsWith(`${textBelow(claim, 'metadata', 'name')}-${object.metadata.name}-`),
    );
  });
}
