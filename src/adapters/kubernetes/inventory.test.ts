import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { describeRef, type Manifest, type ObjectRef, refOf } from '../../domain/manifest.ts';
import type { DeleteOutcome, Desired } from '../../ports/kube.ts';
import { ApiServer } from './api-server.ts';
import { createKube } from './create-kube.ts';
import { MAX_PART_BYTES } from './inventory-store.ts';
import { manifestsOf } from './manifests.test-fixture.ts';
import { startTestCluster } from './test-cluster.test-fixture.ts';

const cluster = await startTestCluster({ nodes: 0 });
t.teardown(() => cluster.stop());
const client = createKube().connect(cluster.kubeconfig);
const server = new ApiServer(cluster.kubeconfig);
const signal = AbortSignal.timeout(240_000);

const configMaps = (...names: string[]) =>
  manifestsOf(names.map((name) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`).join('---\n'));
const ref = (name: string): ObjectRef => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name });

const desired = (revision: string, manifests: Manifest[]): Desired => ({ revision, manifests, deletions: [] });
const refs = (revision: string, ...objects: ObjectRef[]): Desired =>
  desired(
    revision,
    objects.map(({ apiVersion, kind, ...metadata }) => ({
      object: { apiVersion, kind, metadata },
      file: 'f',
      line: 1,
    })),
  );

async function rollOut(names: string[], revision: string): Promise<DeleteOutcome> {
  const wanted = desired(revision, configMaps(...names));
  await client.record(wanted, signal);
  await client.apply(wanted.manifests, signal);
  return client.prune(wanted, signal);
}

async function exists({ kind, namespace, name }: ObjectRef): Promise<boolean> {
  const path = `/api/v1/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`;
  return (await server.request({ method: 'GET', path }, signal)).outcome === 'ok';
}

async function patch(name: string, query: Record<string, string>, body: Record<string, unknown>, type: string) {
  const json = JSON.parse(JSON.stringify(body));
  const path = `/api/v1/namespaces/default/configmaps/${name}`;
  return server.request({ method: 'PATCH', path, query, body: json, contentType: type }, signal);
}

t.test('a cluster without an inventory has none', async (t) => {
  t.equal(await client.inventory(signal), undefined);
});

t.test('what is no longer wanted is pruned, and the inventory says so', async (t) => {
  t.same(await rollOut(['a', 'b', 'c'], 'rev-1'), { outcome: 'deleted', objects: [] });
  t.same(await client.inventory(signal), { revision: 'rev-1', objects: [ref('a'), ref('b'), ref('c')] });
  t.same(await rollOut(['a'], 'rev-2'), { outcome: 'deleted', objects: [ref('c'), ref('b')] });
  t.same(await client.inventory(signal), { revision: 'rev-2', objects: [ref('a')] });
  t.equal(await exists(ref('b')), false);
  t.equal(await exists(ref('a')), true);
});

t.test('recording forgets nothing when the apply after it never happens', async (t) => {
  await client.record(refs('rev-3', ref('planned')), signal);
  t.same(await client.inventory(signal), { revision: 'rev-3', objects: [ref('a'), ref('planned')] });
  t.same(await client.prune(refs('rev-3', ref('a')), signal), { outcome: 'deleted', objects: [ref('planned')] });
});

t.test('an object annotated fairway.dev/prune: never stays', async (t) => {
  await rollOut(['a', 'precious'], 'rev-4');
  const annotations = { 'fairway.dev/prune': 'never' };
  await patch('precious', {}, { metadata: { annotations } }, 'application/merge-patch+json');
  t.same(await rollOut(['a'], 'rev-5'), {
    outcome: 'deleted',
    objects: [],
    spared: [{ ref: ref('precious'), reason: 'is annotated fairway.dev/prune: never' }],
  });
  t.equal(await exists(ref('precious')), true);
  t.same(await client.inventory(signal), { revision: 'rev-5', objects: [ref('a')] });
});

t.test('an object that someone else made anew is left to them', async (t) => {
  await rollOut(['a', 'adopted'], 'rev-6');
  await client.delete([{ kind: 'ConfigMap', namespace: 'default', name: 'adopted' }], signal);
  const theirs = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'adopted' }, data: { by: 'them' } };
  await patch('adopted', { fieldManager: 'other-tool' }, theirs, 'application/apply-patch+yaml');
  t.same(await rollOut(['a'], 'rev-7'), {
    outcome: 'deleted',
    objects: [],
    spared: [{ ref: ref('adopted'), reason: 'was made anew by someone else (other-tool), who has to delete it' }],
  });
  t.equal(await exists(ref('adopted')), true);
});

t.test('what a finalizer holds stays in the inventory until it is gone', async (t) => {
  await rollOut(['a', 'held'], 'rev-8');
  const finalizers = ['example.org/hold'];
  await patch('held', {}, { metadata: { finalizers } }, 'application/merge-patch+json');
  t.match(await rollOut(['a'], 'rev-9'), {
    outcome: 'waiting',
    left: [{ ref: ref('held'), reason: /^finalizer example.org\/hold holds it/ }],
  });
  t.same((await client.inventory(signal))?.objects, [ref('a'), ref('held')]);
  await patch('held', {}, { metadata: { finalizers: null } }, 'application/merge-patch+json');
  t.same(await client.prune(refs('rev-9', ref('a')), signal), { outcome: 'deleted', objects: [ref('held')] });
});

t.test('workloads go before their namespace', async (t) => {
  const manifests = manifestsOf(`apiVersion: v1
kind: Namespace
metadata: {name: team}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: team, finalizers: [example.org/hold]}
`);
  await client.record(desired('rev-10', manifests), signal);
  t.match(await client.apply(manifests, signal), { outcome: 'applied' });
  t.match(await client.prune(refs('rev-10', ref('a')), signal), { outcome: 'waiting' });
  const namespace = await server.request({ method: 'GET', path: '/api/v1/namespaces/team' }, signal);
  t.match(namespace, { body: { metadata: { deletionTimestamp: undefined } } }, 'the namespace is not touched yet');

  const path = '/api/v1/namespaces/team/configmaps/settings';
  const body = { metadata: { finalizers: null } };
  await server.request({ method: 'PATCH', path, body, contentType: 'application/merge-patch+json' }, signal);
  let outcome = await client.prune(refs('rev-10', ref('a')), signal);
  while (outcome.outcome === 'waiting') {
    t.same(
      outcome.left.map(({ ref }) => describeRef(ref)),
      ['Namespace team'],
    );
    await sleep(200, undefined, { signal });
    outcome = await client.prune(refs('rev-10', ref('a')), signal);
  }
  t.equal(outcome.outcome, 'deleted');
});

t.test('another version of the same kind is the same object', async (t) => {
  const [manifest] = manifestsOf(
    'apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: scale}\nspec: {maxReplicas: 2, scaleTargetRef: {kind: Deployment, name: x}}\n',
  );
  if (manifest === undefined) throw new Error('no manifest');
  const old = refOf(manifest.object);
  await client.record(refs('rev-11', old), signal);
  await client.apply([manifest], signal);
  const keep = [{ ...old, apiVersion: 'autoscaling/v2' }];
  t.same(await client.prune(refs('rev-11', ...keep), signal), { outcome: 'deleted', objects: [ref('a')] });
});

t.test('objects of an API that is down are not forgotten; those of a kind that is gone are', async (t) => {
  await client.apply(
    manifestsOf(`apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.down.example.org}
spec:
  group: down.example.org
  version: v1
  groupPriorityMinimum: 100
  versionPriority: 100
  insecureSkipTLSVerify: true
  service: {name: nobody, namespace: default}
`),
    signal,
  );
  const thing = { apiVersion: 'down.example.org/v1', kind: 'Thing', name: 'x' };
  const relic = { apiVersion: 'gone.example.org/v1', kind: 'Relic', name: 'y' };
  await client.record(refs('rev-12', thing, relic), signal);
  let outcome = await client.prune(refs('rev-12'), signal);
  // The API server lists a new APIService a moment later.
  while (outcome.outcome === 'deleted') {
    await sleep(200, undefined, { signal });
    await client.record(refs('rev-12', thing), signal);
    outcome = await client.prune(refs('rev-12'), signal);
  }
  t.match(outcome, {
    outcome: 'waiting',
    left: [{ ref: thing, reason: /^APIService v1.down.example.org is unavailable: \w+: .+/ }],
  });
  const kinds = (await client.inventory(signal))?.objects.map(({ kind }) => kind);
  t.same(kinds, ['HorizontalPodAutoscaler', 'Thing'], 'what comes after waits its turn');
  await removeInventory();
});

t.test('an inventory larger than a ConfigMap is split, and shrinks again', async (t) => {
  const objects = Array.from({ length: 12_000 }, (_, i) =>
    ref(`object-with-a-rather-long-name-${'x'.repeat(40)}-${i}`),
  );
  t.ok(JSON.stringify(objects).length > MAX_PART_BYTES);
  await client.record(refs('rev-12', ...objects), signal);
  t.equal((await client.inventory(signal))?.objects.length, 12_000);
  t.ok((await partCount()) >= 1);

  const other = createKube().connect(cluster.kubeconfig);
  t.same((await other.inventory(signal))?.objects.at(-1), objects.at(-1), 'it is in the cluster, not in the client');
  await removeInventory();
});

t.test('an unreadable inventory is told, not taken for an empty one', async (t) => {
  const path = '/api/v1/namespaces/kube-system/configmaps/fairway-inventory';
  const body = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'fairway-inventory' },
    data: { objects: 'oops' },
  };
  const query = { fieldManager: 'test' };
  await server.request({ method: 'PATCH', path, query, body, contentType: 'application/apply-patch+yaml' }, signal);
  await t.rejects(client.inventory(signal), {
    kind: 'refused',
    message:
      /^ConfigMap kube-system\/fairway-inventory: data.objects is no JSON list of objects. Restore it, or delete/,
  });
});

async function partCount(): Promise<number> {
  const query = { labelSelector: 'fairway.dev/inventory-part' };
  const answer = await server.request(
    { method: 'GET', path: '/api/v1/namespaces/kube-system/configmaps', query },
    signal,
  );
  if (answer.outcome === 'refused' || !Array.isArray(answer.body.items)) throw new Error('no list');
  return answer.body.items.length;
}

async function removeInventory(): Promise<void> {
  const path = '/api/v1/namespaces/kube-system/configmaps/fairway-inventory';
  await server.request({ method: 'DELETE', path }, signal);
}
