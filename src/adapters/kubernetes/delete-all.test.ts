import t from 'tap';
import { describeRef } from '../../domain/manifest.ts';
import { ApiServer } from './api-server.ts';
import { createKube } from './create-kube.ts';
import { manifestsOf } from './manifests.test-fixture.ts';
import { startTestCluster } from './test-cluster.test-fixture.ts';

const cluster = await startTestCluster({ nodes: 0 });
t.teardown(() => cluster.stop());
const client = createKube().connect(cluster.kubeconfig);
const server = new ApiServer(cluster.kubeconfig);
const signal = AbortSignal.timeout(240_000);

async function make(...names: string[]): Promise<void> {
  const text = names.map(
    (name) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, labels: {tier: ${name[0]}, app: x}}\n`,
  );
  const outcome = await client.apply(manifestsOf(text.join('---\n')), signal);
  if (outcome.outcome !== 'applied') throw new Error(JSON.stringify(outcome));
}

t.test('by name; what is not there counts as deleted', async (t) => {
  await make('a1');
  const deletions = [
    { kind: 'configmap', namespace: 'default', name: 'a1' },
    { kind: 'cm', namespace: 'default', name: 'never-was' },
    { kind: 'Widget', name: 'of-an-unknown-kind' },
  ];
  const outcome = await client.delete(deletions, signal);
  t.equal(outcome.outcome, 'deleted');
  t.same(outcome.outcome === 'deleted' ? outcome.objects.map(describeRef) : [], ['ConfigMap default/a1']);
});

t.test('by selector and by labels, in all namespaces when none is named', async (t) => {
  await make('b1', 'b2', 'c1', 'd1');
  const outcome = await client.delete(
    [
      { kind: 'ConfigMap', selector: 'tier in (b, d)' },
      { kind: 'configmaps.v1', namespace: 'default', labels: { tier: 'c', app: 'x' } },
    ],
    signal,
  );
  t.same(outcome.outcome === 'deleted' ? outcome.objects.map(describeRef).sort() : outcome, [
    'ConfigMap default/b1',
    'ConfigMap default/b2',
    'ConfigMap default/c1',
    'ConfigMap default/d1',
  ]);
});

t.test('has_owner tells pods of a controller from others, and owned ones are not waited for', async (t) => {
  const orphan = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: orphan, labels: {set: owners}}\n';
  t.match(await client.apply(manifestsOf(orphan), signal), { outcome: 'applied' });
  const owner = { apiVersion: 'v1', kind: 'Namespace', name: 'default', uid: '00000000-0000-0000-0000-000000000001' };
  const metadata = {
    name: 'child',
    labels: { set: 'owners' },
    finalizers: ['example.org/hold'],
    ownerReferences: [owner],
  };
  const path = '/api/v1/namespaces/default/configmaps/child';
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
  const contentType = 'application/apply-patch+yaml';
  const made = await server.request(
    { method: 'PATCH', path, query: { fieldManager: 'test' }, body, contentType },
    signal,
  );
  t.match(made, { outcome: 'ok' });
  const owned = await client.delete([{ kind: 'ConfigMap', labels: { set: 'owners' }, hasOwner: true }], signal);
  t.same(owned.outcome === 'deleted' ? owned.objects.map(describeRef) : owned, ['ConfigMap default/child']);
  const free = await client.delete([{ kind: 'ConfigMap', labels: { set: 'owners' }, hasOwner: false }], signal);
  t.same(free.outcome === 'deleted' ? free.objects.map(describeRef) : free, ['ConfigMap default/orphan']);
});

t.test('what a finalizer holds is waited for', async (t) => {
  const manifests = manifestsOf(
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: held, finalizers: [example.org/hold]}\n',
  );
  t.match(await client.apply(manifests, signal), { outcome: 'applied' });
  const deletions = [{ kind: 'ConfigMap', namespace: 'default', name: 'held' }];
  const left = [{ ref: { name: 'held' }, reason: /^finalizer example.org\/hold holds it/ }];
  t.match(await client.delete(deletions, signal), { outcome: 'waiting', left });
  t.match(await client.delete(deletions, signal), { outcome: 'waiting', left });
});

t.test('a Namespace on its way out is waited for, and told what holds it', async (t) => {
  const manifests = manifestsOf(`apiVersion: v1
kind: Namespace
metadata: {name: slow}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: held, namespace: slow, finalizers: [example.org/hold]}
`);
  t.match(await client.apply(manifests, signal), { outcome: 'applied' });
  const deletions = [{ kind: 'Namespace', name: 'slow' }];
  let reason = '';
  while (!reason.includes('example.org/hold')) {
    const outcome = await client.delete(deletions, signal);
    if (outcome.outcome !== 'waiting') throw new Error(JSON.stringify(outcome));
    reason = outcome.left.map(({ reason }) => reason).join();
  }
  t.match(
    reason,
    /^Some resources are remaining: configmaps. has 1 resource instances; Some content .*: example.org\/hold in 1 resource/,
  );
});

t.test('what the API server refuses to delete is told in its sentence', async (t) => {
  const outcome = await client.delete([{ kind: 'Namespace', name: 'kube-system' }], signal);
  const message = /^Namespace kube-system: .*this namespace may not be deleted/;
  t.match(outcome, { outcome: 'refused', refusals: [{ message }] });
});

t.test('an unclear entry is refused before anything is deleted', async (t) => {
  await make('e1');
  const first = { kind: 'ConfigMap', namespace: 'default', name: 'e1' };
  const cases: [Parameters<typeof client.delete>[0][number], string][] = [
    [{ kind: 'Pod' }, 'deletions.yaml: Pod has none of name, selector and labels: give exactly one.'],
    [
      { kind: 'Pod', name: 'x', labels: { a: 'b' } },
      'deletions.yaml: Pod has more than one of name, selector and labels: give exactly one.',
    ],
    [
      { kind: 'Pod', namespace: 'default', name: 'x', hasOwner: true },
      'deletions.yaml: Pod x: has_owner needs selector or labels.',
    ],
    [{ kind: 'Pod', name: 'x' }, 'deletions.yaml: Pod x needs a namespace.'],
    [{ kind: 'ConfigMap', namespace: 'default', name: '..' }, "ConfigMap default/..: '..' is no name for an object."],
  ];
  for (const [deletion, message] of cases) {
    await t.rejects(client.delete([deletion, first], signal), { kind: 'refused', message });
  }
  const [health] = await client.health([{ apiVersion: 'v1', kind: 'ConfigMap', name: 'e1' }], signal);
  t.equal(health?.health, 'ready');
});

t.test('a list means what was there when an apply first came to it, and once', async (t) => {
  const deletions = [{ kind: 'ConfigMap', labels: { tier: 'f' } }];
  const once = { list: 'pre_apply', attempt: 'run-1 apply 0' } as const;
  await make('f1');
  t.match(await client.delete(deletions, signal, once), { outcome: 'deleted', objects: [{ name: 'f1' }] });
  await make('f1', 'f2');
  // As another process would, after a crash.
  const other = createKube().connect(cluster.kubeconfig);
  t.same(await other.delete(deletions, signal, once), { outcome: 'deleted', objects: [] }, 'it has been there already');
  const [f1] = await client.health([{ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'f1' }], signal);
  t.equal(f1?.health, 'ready');
  const later = await client.delete(deletions, signal, { ...once, attempt: 'run-2 apply 0' });
  t.match(later, { outcome: 'deleted', objects: [{ name: 'f1' }, { name: 'f2' }] }, 'the next apply does it again');
});

t.test('what a crash left of a list is deleted when the apply goes on', async (t) => {
  const text =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: g1, labels: {tier: g}, finalizers: [example.org/hold]}\n';
  t.match(await client.apply(manifestsOf(text), signal), { outcome: 'applied' });
  const deletions = [{ kind: 'ConfigMap', labels: { tier: 'g' } }];
  const once = { list: 'post_apply', attempt: 'run-1 apply 0' } as const;
  t.match(await client.delete(deletions, signal, once), { outcome: 'waiting' });
  t.match(await client.delete(deletions, signal, once), { outcome: 'waiting' }, 'it is waited for');
  const path = '/api/v1/namespaces/default/configmaps/g1';
  const contentType = 'application/merge-patch+json';
  await server.request({ method: 'PATCH', path, body: { metadata: { finalizers: null } }, contentType }, signal);
  t.same(await client.delete(deletions, signal, once), { outcome: 'deleted', objects: [] });
});
