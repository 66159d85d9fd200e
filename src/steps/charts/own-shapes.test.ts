import t from 'tap';
import { startTestCluster } from '../../adapters/kubernetes/test-cluster.test-fixture.ts';
import { liveThrough } from './life.test-fixture.ts';
import { bigDefinition, chartOfAll, manyObjects } from './own-shapes.test-fixture.ts';

t.setTimeout(10 * 60_000);
const cluster = await startTestCluster({ nodes: 0 });
t.teardown(() => cluster.stop());

t.test('a definition of 800 kB with an object of its kind', async (t) => {
  const [installed, upgraded] = [bigDefinition('small'), bigDefinition('large')];
  t.ok(String(installed['cluster/manifests/operator/definition.yaml']).length > 750_000);
  await liveThrough(t, cluster.kubeconfig, { installed, upgraded });
});

t.test('130 objects in one component', (t) =>
  liveThrough(t, cluster.kubeconfig, {
    installed: manyObjects('2'),
    upgraded: manyObjects('3'),
    warnings: ['replicas: 2, but how many there are is for HorizontalPodAutoscaler'],
  }),
);

t.test('a chart with lists, hooks, a webhook, and a definition that is to be kept', (t) =>
  liveThrough(t, cluster.kubeconfig, {
    installed: chartOfAll(2),
    upgraded: chartOfAll(3),
    kept: ['CustomResourceDefinition orders.shop.example.org'],
  }),
);
