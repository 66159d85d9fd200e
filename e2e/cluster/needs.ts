/** For tap's `skip`: why tests can't run here, or false. Fairway sets FAIRWAY_CLUSTER and FAIRWAY_POWERS. */
export const needs = { cluster: lackOfCluster(), pods: lackOfCluster() || lackOfPods() };

function lackOfCluster(): string | false {
  if (process.env.FAIRWAY_CLUSTER && process.env.KUBECONFIG) return false;
  return 'there is no cluster: set KUBECONFIG, and FAIRWAY_CLUSTER to its name';
}

function lackOfPods(): string | false {
  const { realNodes = true } = JSON.parse(process.env.FAIRWAY_POWERS ?? '{}');
  return realNodes ? false : 'it needs pods, and the cluster has no nodes';
}
