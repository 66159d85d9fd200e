import type { ObjectHealth } from '../../../ports/kube.ts';
import { kindAndGroup } from '../apply-order.ts';
import { isBeingDeleted, type LiveObject } from '../live-object.ts';
import { apiServiceHealth, crdHealth } from './api-extension.ts';
import { conventionalHealth } from './conventional.ts';
import { daemonSetHealth } from './daemon-set.ts';
import { deploymentHealth } from './deployment.ts';
import { jobHealth } from './job.ts';
import { namespaceHealth } from './namespace.ts';
import { podHealth } from './pod.ts';
import { replicaSetHealth } from './replica-set.ts';
import { autoscalerHealth, disruptionBudgetHealth } from './scaling.ts';
import { statefulSetHealth } from './stateful-set.ts';
import { claimHealth } from './storage.ts';
import { ingressHealth, isLoadBalancer, serviceHealth } from './traffic.ts';
import { type HealthRule, progressing, type Verdict } from './verdict.ts';
import { WORKLOAD_KINDS } from './workload-kinds.ts';

/** Table of contents: which kind is judged by which rule. All others follow the conventions of `conventional.ts`. */
const RULES: Record<string, HealthRule> = {
  'Deployment.apps': deploymentHealth,
  'DaemonSet.apps': daemonSetHealth,
  'StatefulSet.apps': statefulSetHealth,
  'ReplicaSet.apps': replicaSetHealth,
  ReplicationController: replicaSetHealth,
  'Job.batch': jobHealth,
  Pod: podHealth,
  PersistentVolumeClaim: claimHealth,
  Namespace: namespaceHealth,
  Service: serviceHealth,
  'Ingress.networking.k8s.io': ingressHealth,
  'HorizontalPodAutoscaler.autoscaling': autoscalerHealth,
  'PodDisruptionBudget.policy': disruptionBudgetHealth,
  'CustomResourceDefinition.apiextensions.k8s.io': crdHealth,
  'APIService.apiregistration.k8s.io': apiServiceHealth,
};

const BY_PODS = new Set([
  ...WORKLOAD_KINDS,
  'Pod',
  'PersistentVolumeClaim',
  'PodDisruptionBudget.policy',
  'APIService.apiregistration.k8s.io',
]);

/** What must be there for an object to get ready. */
export function needsOf(object: LiveObject): ObjectHealth['needs'] {
  if (BY_PODS.has(kindAndGroup(object))) return 'nodes';
  return isLoadBalancer(object) ? 'load balancers' : undefined;
}

/** How an object does, from its own words alone. */
export function judge(object: LiveObject, now: Date): Verdict {
  if (isBeingDeleted(object)) return progressing('is being deleted');
  return (RULES[kindAndGroup(object)] ?? conventionalHealth)(object, now);
}
