import { groupOf } from './discovery.ts';

/**
 * What has to be there before what. Within a stage the manifests' own order counts.
 *
 * 1. `ground`: Namespaces and CRDs, without which others can't even be checked.
 * 2. `base`: what pods refer to or are shaped by when they are created; a LimitRange that comes late changes nothing.
 * 3. `workloads`: everything else.
 * 4. `guards`: webhook configurations and admission policies; one whose own pods don't run yet would refuse everything after it.
 */
export const APPLY_STAGES = ['ground', 'base', 'workloads', 'guards'] as const;
export type ApplyStage = (typeof APPLY_STAGES)[number];

const STAGE_BY_KIND: Record<string, ApplyStage> = {
  Namespace: 'ground',
  'CustomResourceDefinition.apiextensions.k8s.io': 'ground',
  ResourceQuota: 'base',
  LimitRange: 'base',
  ServiceAccount: 'base',
  Secret: 'base',
  ConfigMap: 'base',
  PersistentVolume: 'base',
  'PriorityClass.scheduling.k8s.io': 'base',
  'RuntimeClass.node.k8s.io': 'base',
  'StorageClass.storage.k8s.io': 'base',
  'CSIDriver.storage.k8s.io': 'base',
  'ClusterRole.rbac.authorization.k8s.io': 'base',
  'ClusterRoleBinding.rbac.authorization.k8s.io': 'base',
  'Role.rbac.authorization.k8s.io': 'base',
  'RoleBinding.rbac.authorization.k8s.io': 'base',
  'MutatingWebhookConfiguration.admissionregistration.k8s.io': 'guards',
  'ValidatingWebhookConfiguration.admissionregistration.k8s.io': 'guards',
  'MutatingAdmissionPolicy.admissionregistration.k8s.io': 'guards',
  'MutatingAdmissionPolicyBinding.admissionregistration.k8s.io': 'guards',
  'ValidatingAdmissionPolicy.admissionregistration.k8s.io': 'guards',
  'ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io': 'guards',
};

/** `Deployment.apps`, or `Pod`: a kind without its version. */
export function kindAndGroup(type: { apiVersion: string; kind: string }): string {
  const group = groupOf(type.apiVersion);
  return group === '' ? type.kind : `${type.kind}.${group}`;
}

export function stageOf(type: { apiVersion: string; kind: string }): ApplyStage {
  return STAGE_BY_KIND[kindAndGroup(type)] ?? 'workloads';
}
