/** Kinds that make pods and are judged by them, with their group. */
export const WORKLOAD_KINDS: ReadonlySet<string> = new Set([
  'Deployment.apps',
  'DaemonSet.apps',
  'StatefulSet.apps',
  'ReplicaSet.apps',
  'ReplicationController',
  'Job.batch',
]);
