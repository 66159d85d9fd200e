import type { ObjectRef } from '../../../domain/manifest.ts';
import { kindAndGroup, stageOf } from '../apply-order.ts';
import { groupOf } from '../discovery.ts';

/**
 * What goes before what; a stage begins when nothing of the one before is left. Within a stage the reverse of applying.
 *
 * 1. `guards`: what stands in the way of others: webhook configurations, admission policies, APIServices whose own objects
 *    don't go too.
 * 2. `custom`: objects of kinds that aren't Kubernetes' own, while the workloads that care for their finalizers still run.
 * 3. `workloads`, `base`, `ground`: as in applying.
 */
export const PRUNE_STAGES = ['guards', 'custom', 'workloads', 'base', 'ground'] as const;
export type PruneStage = (typeof PRUNE_STAGES)[number];

const GROUPS_OF_KUBERNETES = new Set([
  ...['', 'apps', 'autoscaling', 'batch', 'policy'],
  ...[
    'admissionregistration',
    'apiextensions',
    'apiregistration',
    'authentication',
    'authorization',
    'certificates',
  ].map((group) => `${group}.k8s.io`),
  ...['coordination', 'discovery', 'events', 'flowcontrol.apiserver', 'internal.apiserver', 'networking', 'node'].map(
    (group) => `${group}.k8s.io`,
  ),
  ...['rbac.authorization', 'resource', 'scheduling', 'storage', 'storagemigration'].map((group) => `${group}.k8s.io`),
]);

/** `doomed`: all that is to be pruned with it. */
export function pruneStageOf(ref: ObjectRef, doomed: readonly ObjectRef[]): PruneStage {
  const group = groupOfApiService(ref);
  // Without the APIService its objects could not be reached any more.
  if (group !== undefined) return doomed.some((other) => groupOf(other.apiVersion) === group) ? 'workloads' : 'guards';
  return GROUPS_OF_KUBERNETES.has(groupOf(ref.apiVersion)) ? stageOf(ref) : 'custom';
}

/** `metrics.k8s.io` of APIService `v1beta1.metrics.k8s.io`; undefined for other kinds. */
export function groupOfApiService(ref: ObjectRef): string | undefined {
  if (kindAndGroup(ref) !== 'APIService.apiregistration.k8s.io') return undefined;
  return ref.name.slice(ref.name.indexOf('.') + 1);
}
