import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { isJsonObject, type Json } from '../../domain/json.ts';
import type { ApplyOutcome } from '../../ports/kube.ts';
import { ApiServer } from './api-server.ts';
import { createKube } from './create-kube.ts';
import { manifestsOf } from './manifests.test-fixture.ts';
import { startTestCluster } from './test-cluster.test-fixture.ts';

const cluster = await startTestCluster({ nodes: 0 });
t.teardown(() => cluster.stop());
const client = createKube().connect(cluster.kubeconfig);
const server = new ApiServer(cluster.kubeconfig);
const signal = AbortSignal.timeout(240_000);

const apply = (text: string) => client.apply(manifestsOf(text), signal);

function changeOf(outcome: ApplyOutcome): string | undefined {
  if (outcome.outcome !== 'applied') throw new Error(JSON.stringify(outcome));
  return outcome.objects[0]?.change;
}

async function live(path: string): Promise<Record<string, Json>> {
  const answer = await server.request({ method: 'GET', path }, signal);
  if (answer.outcome === 'refused') throw new Error(answer.message);
  return answer.body;
}

t.test("an object as kubectl exports it is applied without what was the other cluster's", async (t) => {
  const text = (value: string) => `apiVersion: v1
kind: ConfigMap
metadata:
  name: exported
  resourceVersion: "12345"
  uid: 6f0e3b3a-0000-4000-8000-000000000001
  generation: 7
  creationTimestamp: "2020-01-01T00:00:00Z"
  managedFields: [{manager: kubectl, operation: Update, apiVersion: v1, time: "2020-01-01T00:00:00Z", fieldsType: FieldsV1, fieldsV1: {}}]
data: {a: "${value}"}
`;
  t.equal(changeOf(await apply(text('1'))), 'created');
  t.equal(changeOf(await apply(text('1'))), 'unchanged');
  t.equal(changeOf(await apply(text('2'))), 'configured');
});

t.test('what generators write is harmless', async (t) => {
  const text = `apiVersion: apps/v1
kind: Deployment
metadata: {name: generated, creationTimestamp: null}
spec:
  replicas: 0
  selector: {matchLabels: {app: a}}
  strategy: {}
  template: {metadata: {labels: {app: a}, creationTimestamp: null}, spec: {containers: [{name: c, image: "a:1", resources: {}}]}}
status: {}
`;
  t.equal(changeOf(await apply(text)), 'created');
});

t.test(
  'an owner of another cluster is refused with file and line, before the object is made and collected',
  async (t) => {
    const outcome = await apply(`apiVersion: v1
kind: ConfigMap
metadata: {name: fine}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: owned, ownerReferences: [{apiVersion: v1, kind: Node, name: n, uid: 6f0e3b3a-0000-4000-8000-000000000001}]}
`);
    t.match(outcome, {
      outcome: 'refused',
      refusals: [
        { file: 'manifests/app/all.yaml', line: 5, message: /^metadata.ownerReferences names Node n by a uid/ },
      ],
    });
    await t.rejects(live('/api/v1/namespaces/default/configmaps/fine'), /not found/);
  },
);

const secret = (fields: string) => `apiVersion: v1\nkind: Secret\nmetadata: {name: login}\n${fields}\n`;
const dataOf = async () => (await live('/api/v1/namespaces/default/secrets/login')).data;
const encoded = (text: string) => Buffer.from(text).toString('base64');

t.test("a key that is taken out of a Secret's stringData goes from the cluster", async (t) => {
  await apply(secret('stringData: {user: shop, old-password: hunter2}'));
  t.strictSame(await dataOf(), { user: encoded('shop'), 'old-password': encoded('hunter2') });
  t.equal(changeOf(await apply(secret('stringData: {user: shop, password: new}'))), 'configured');
  t.strictSame(await dataOf(), { user: encoded('shop'), password: encoded('new') });
  t.equal(changeOf(await apply(secret(`data: {user: ${encoded('shop')}}`))), 'configured');
  t.strictSame(await dataOf(), { user: encoded('shop') });
});

t.test('so does one that an earlier Fairway applied as stringData', async (t) => {
  const path = '/api/v1/namespaces/default/secrets/legacy';
  const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'legacy' }, stringData: { user: 'a', old: 'b' } };
  const query = { fieldManager: 'fairway', force: 'true' };
  const contentType = 'application/apply-patch+yaml';
  t.match(await server.request({ method: 'PATCH', path, query, body, contentType }, signal), { outcome: 'ok' });
  await server.request(
    { method: 'PATCH', path, body: { data: { theirs: encoded('c') } }, contentType: 'application/merge-patch+json' },
    signal,
  );
  await apply(secret('stringData: {user: a}').replace('login', 'legacy'));
  t.strictSame((await live(path)).data, { user: encoded('a'), theirs: encoded('c') }, 'what others wrote stays');
});

const replicasOf = async () => {
  const { spec } = await live('/apis/apps/v1/namespaces/default/deployments/shop');
  return isJsonObject(spec) ? spec.replicas : undefined;
};
const shop = (replicas: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  ${replicas}
  selector: {matchLabels: {app: shop}}
  template: {metadata: {labels: {app: shop}}, spec: {containers: [{name: c, image: "a:1"}]}}
`;
const autoscaler = `---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: shop}
spec: {minReplicas: 2, maxReplicas: 9, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}}
`;

async function scale(replicas: number): Promise<void> {
  const path = '/apis/apps/v1/namespaces/default/deployments/shop/scale';
  const body = { spec: { replicas } };
  const contentType = 'application/merge-patch+json';
  const answer = await server.request({ method: 'PATCH', path, body, contentType }, signal);
  if (answer.outcome === 'refused') throw new Error(answer.message);
}

t.test('replicas under an autoscaler are applied when the workload is made, and left to it then', async (t) => {
  const scaled = (replicas: string) => shop(replicas) + autoscaler;
  await apply(scaled('replicas: 2'));
  t.equal(await replicasOf(), 2);
  await apply(scaled(''));
  t.equal(await replicasOf(), 2, 'taking the field out does not put it to 1');
  await apply(scaled('replicas: 5'));
  t.equal(await replicasOf(), 2);
  await scale(7);
  for (const replicas of ['replicas: 2', '', 'replicas: 3']) {
    await apply(scaled(replicas));
    t.equal(await replicasOf(), 7, `with "${replicas}"`);
  }
  t.equal(changeOf(await apply(scaled('replicas: 3'))), 'unchanged');
  await apply(shop('replicas: 4'));
  t.equal(await replicasOf(), 4, 'without an autoscaler the manifest counts again');
});

t.test('an autoscaler that comes later takes over what the manifest said', async (t) => {
  await apply(shop('replicas: 3'));
  await apply(shop('') + autoscaler);
  t.equal(await replicasOf(), 3);
  await apply(shop('') + autoscaler);
  t.equal(await replicasOf(), 3);
});

t.test('so does a ScaledObject of KEDA, which names a Deployment by its name alone', async (t) => {
  const scaled = (replicas: string) => `${shop(replicas)}---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: shop}
spec: {scaleTargetRef: {name: shop}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: scaledobjects.keda.sh}
spec:
  group: keda.sh
  scope: Namespaced
  names: {kind: ScaledObject, plural: scaledobjects}
  versions:
    - name: v1alpha1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`;
  while ((await apply(scaled('replicas: 3'))).outcome === 'waiting') await sleep(100, undefined, { signal });
  await scale(6);
  t.equal((await apply(scaled('replicas: 3'))).outcome, 'applied');
  t.equal(await replicasOf(), 6);
});
