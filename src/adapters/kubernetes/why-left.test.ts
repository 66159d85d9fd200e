import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { ApiServer } from './api-server.ts';
import { createKube } from './create-kube.ts';
import { manifestsOf } from './manifests.test-fixture.ts';
import { startTestCluster } from './test-cluster.test-fixture.ts';

const cluster = await startTestCluster({ nodes: 0 });
t.teardown(() => cluster.stop());
const client = createKube().connect(cluster.kubeconfig);
const server = new ApiServer(cluster.kubeconfig);
const signal = AbortSignal.timeout(240_000);

async function make(text: string): Promise<void> {
  for (;;) {
    const outcome = await client.apply(manifestsOf(text), signal);
    if (outcome.outcome === 'applied') return;
    if (outcome.outcome === 'refused') throw new Error(JSON.stringify(outcome.refusals));
    await sleep(100, undefined, { signal });
  }
}

/** What is told of an object that is to be deleted, once it is what is expected. */
async function reasonOf(kind: string, name: string, expected: RegExp, options = {}): Promise<string> {
  const namespace = ['Namespace', 'crd'].includes(kind) ? {} : { namespace: 'default' };
  for (;;) {
    const outcome = await client.delete([{ kind, name, ...namespace, ...options }], signal);
    if (outcome.outcome !== 'waiting') throw new Error(JSON.stringify(outcome));
    const [reason = ''] = outcome.left.map(({ reason }) => reason);
    if (expected.test(reason)) return reason;
    await sleep(100, undefined, { signal });
  }
}

t.test('finalizers are named, and how long they have held', async (t) => {
  await make('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: held, finalizers: [example.org/a, example.org/b]}\n');
  const reason = await reasonOf('ConfigMap', 'held', / for /);
  t.match(reason, /^finalizers example.org\/a, example.org\/b hold it, for \d/);
});

t.test('so is that what an object owns has to go first', async (t) => {
  await make('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: owner}\n');
  const { uid } = await metadataOf('owner');
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid, blockOwnerDeletion: true };
  const metadata = { name: 'owned', finalizers: ['example.org/hold'], ownerReferences: [owner] };
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
  const path = '/api/v1/namespaces/default/configmaps/owned';
  const contentType = 'application/apply-patch+yaml';
  await server.request({ method: 'PATCH', path, query: { fieldManager: 'test' }, body, contentType }, signal);
  const reason = await reasonOf('ConfigMap', 'owner', /./, { propagationPolicy: 'Foreground' });
  t.match(reason, /^what it owns has to go first/);
});

t.test('a CRD tells which of its objects hang, and by what', async (t) => {
  const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: jars.shop.example.org}
spec:
  group: shop.example.org
  scope: Namespaced
  names: {kind: Jar, plural: jars, singular: jar}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`;
  const jar = (name: string, finalizers: string) =>
    `---\napiVersion: shop.example.org/v1\nkind: Jar\nmetadata: {name: ${name}, finalizers: [${finalizers}]}\n`;
  await make(crd + jar('one', 'example.org/hold') + jar('two', 'example.org/hold'));
  const reason = await reasonOf('crd', 'jars.shop.example.org', /./);
  t.match(
    reason,
    /^2 objects of its kind must go first: Jar default\/one \(finalizer example.org\/hold holds it\), Jar default\/two \(finalizer/,
  );
});

t.test('a PersistentVolumeClaim tells which Pod uses it', async (t) => {
  await make(`apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], storageClassName: nowhere, resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: user}
spec:
  nodeName: nowhere
  containers: [{name: c, image: c, volumeMounts: [{name: data, mountPath: /data}]}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
`);
  const reason = await reasonOf('pvc', 'data', /./);
  t.match(reason, /^Pod default\/user uses it/);
  t.notMatch(reason, /a Pod still uses it/, 'not twice');
});

t.test('a Pod tells how long its containers have to end', async (t) => {
  await make(
    'apiVersion: v1\nkind: Pod\nmetadata: {name: ending}\nspec: {nodeName: nowhere, containers: [{name: c, image: c}]}\n',
  );
  t.match(await reasonOf('Pod', 'ending', /./), /^its containers have 30s to end/);
});

async function metadataOf(name: string): Promise<{ uid: string }> {
  const path = `/api/v1/namespaces/default/configmaps/${name}`;
  const answer = await server.request({ method: 'GET', path }, signal);
  const { metadata }: { metadata?: { uid: string } } = JSON.parse(
    JSON.stringify(answer.outcome === 'ok' ? answer.body : {}),
  );
  if (metadata === undefined) throw new Error(`no ConfigMap ${name}`);
  return metadata;
}
