import { startTestCluster, type TestCluster } from './test-cluster.test-fixture.ts';

/** A real cluster without nodes. */
export function startControlPlane(): Promise<TestCluster> {
  return startTestCluster({ nodes: 0 });
}
