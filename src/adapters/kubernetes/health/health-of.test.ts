import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { ObjectRef } from '../../../domain/manifest.ts';
import type { ObjectHealth } from '../../../ports/kube.ts';
import { ApiServer } from '../api-server.ts';
import { ClusterMemory } from '../cluster-memory.ts';
import { createKube } from '../create-kube.ts';
import { manifestsOf } from '../manifests.test-fixture.ts';
import { ObjectApi } from '../object-api.ts';
import { startTestCluster } from '../test-cluster.test-fixture.ts';
import { healthOf } from './health-of.ts';

const cluster = await startTestCluster({ nodes: 0 });
t.teardown(() => cluster.stop());
const client = createKube().connect(cluster.kubeconfig);
const signal = AbortSignal.timeout(240_000);

async function apply(text: string): Promise<ObjectRef[]> {
  const manifests = manifestsOf(text);
  for (;;) {
    const outcome = await client.apply(manifests, signal);
    if (outcome.outcome === 'applied') return outcome.objects.map(({ ref }) => ref).slice(-1);
    if (outcome.outcome === 'refused') throw new Error(JSON.stringify(outcome));
    await sleep(100, undefined, { signal });
  }
}

/** Applies the text and asks for the health of its last object until that says what is waited for. */
async function healthOnceItSays(text: string, pattern: RegExp): Promise<ObjectHealth> {
  const refs = await apply(text);
  for (;;) {
    const [found] = await client.health(refs, signal);
    if (found !== undefined && pattern.test(found.reason)) return found;
    await sleep(200, undefined, { signal });
  }
}

/** What is said when the world stays as it is for ten minutes. */
async function healthLater(ref: ObjectRef): Promise<ObjectHealth | undefined> {
  const api = new ObjectApi(new ApiServer(cluster.kubeconfig));
  const [found] = await healthOf(api, new ClusterMemory(api), [ref], signal, () => new Date(Date.now() + 600_000));
  return found;
}

const workload = (kind: string, namespace: string, more = '') => `apiVersion: apps/v1
kind: ${kind}
metadata: {name: web, namespace: ${namespace}}
spec:
  selector: {matchLabels: {app: web}}
  ${more}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:1"}]}
`;
const closed = (namespace: string) => `apiVersion: v1
kind: Namespace
metadata: {name: ${namespace}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: no-pods, namespace: ${namespace}}
spec: {hard: {pods: "0"}}
`;

t.test('a Deployment whose pods a quota refuses says so, and fails when it lasts', async (t) => {
  const refused =
    /^Deployment poor\/web: 0 of 1 replicas ready; no pod can be created: pods "web-.*" is forbidden: exceeded quota: no-pods/;
  const found = await healthOnceItSays(`${closed('poor')}---\n${workload('Deployment', 'poor')}`, refused);
  t.equal(found.health, 'progressing');
  t.match(await healthLater(found.ref), { health: 'failed', reason: refused });
});

t.test('a StatefulSet, which keeps no condition of it, is told by its events', async (t) => {
  const refused = /^StatefulSet poorer\/web: 0 of 1 replicas ready; FailedCreate: .*exceeded quota: no-pods/;
  const text = `${closed('poorer')}---\n${workload('StatefulSet', 'poorer', 'serviceName: web')}`;
  const found = await healthOnceItSays(text, refused);
  t.equal(found.health, 'progressing');
  t.match(await healthLater(found.ref), { health: 'failed', reason: refused });
});

t.test('a pod that finds no node is progressing, for a node may come', async (t) => {
  const found = await healthOnceItSays(workload('Deployment', 'default'), /ready; pod web-[^ ]+: cannot/);
  t.equal(found.health, 'progressing');
  t.match(
    found.reason,
    /^Deployment default\/web: 0 of 1 replicas ready; pod web-[^ ]+: cannot be scheduled: no nodes available to schedule pods$/,
  );
  t.match(await healthLater(found.ref), { health: 'progressing' });
});

t.test('a claim of a class that waits for its first pod is ready; others wait for a volume', async (t) => {
  const claim = (name: string, storageClass: string) => `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: ${storageClass}}
provisioner: example.org/none
volumeBindingMode: ${storageClass === 'lazy' ? 'WaitForFirstConsumer' : 'Immediate'}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ${name}}
spec: {storageClassName: ${storageClass}, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`;
  const lazy = await healthOnceItSays(claim('a', 'lazy'), /waits for the first pod that uses it/);
  t.equal(lazy.health, 'ready');
  const eager = await healthOnceItSays(claim('b', 'eager'), /is not bound to a volume yet/);
  t.equal(eager.health, 'progressing');
});

t.test('what is gone was deleted by someone', async (t) => {
  const ref = { apiVersion: 'v1', kind: 'Service', namespace: 'default', name: 'gone' };
  t.same(await client.health([ref], signal), [
    { ref, health: 'failed', reason: 'Service default/gone: was deleted by someone' },
  ]);
});

t.test(
  'a kind that came after the client had looked is known, one that is not served is not taken for deleted',
  async (t) => {
    await client.health([{ apiVersion: 'v1', kind: 'Namespace', name: 'default' }], signal);
    const other = createKube().connect(cluster.kubeconfig);
    const crd = manifestsOf(`apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: lamps.example.org}
spec:
  group: example.org
  scope: Cluster
  names: {kind: Lamp, plural: lamps}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
---
apiVersion: example.org/v1
kind: Lamp
metadata: {name: desk}
`);
    while ((await other.apply(crd, signal)).outcome === 'waiting') await sleep(100, undefined, { signal });
    const [lamp, candle] = await client.health(
      ['Lamp', 'Candle'].map((kind) => ({ apiVersion: 'example.org/v1', kind, name: 'desk' })),
      signal,
    );
    t.match(lamp, { health: 'ready', reason: 'Lamp desk: exists' });
    t.match(candle, {
      health: 'progressing',
      reason: 'Candle desk: the cluster serves no Candle of apiVersion example.org/v1',
    });
  },
);
