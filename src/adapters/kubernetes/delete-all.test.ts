import t from 'tap';
import { describeRef } from '../../domain/manifest.ts';
import { createKube } from './create-kube.ts';
import { manifestsOf } from './manifests.test-fixture.ts';
import { startTestCluster } from './test-cluster.test-fixture.ts';

const cluster = await startTestCluster({ nodes: 0 });
t.teardown(() => cluster.stop());
const client = createKube().connect(cluster.kubeconfig);
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
  const manifests = manifestsOf(`apiVersion: v1
kind: ConfigMap
metadata: {name: orphan, labels: {set: owners}}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: child
  labels: {set: owners}
  finalizers: [example.org/hold]
  ownerReferences: [{apiVersion: v1, kind: Namespace, name: default, uid: 00000000-0000-0000-0000-000000000001}]
`);
  t.match(await client.apply(manifests, signal), { outcome: 'applied' });
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
  t.match(await client.delete(deletions, signal), { outcome: 'waiting', left: [{ name: 'held' }] });
  t.match(await client.delete(deletions, signal), { outcome: 'waiting', left: [{ name: 'held' }] });
});

t.test('what the API server refuses to delete is told in its sentence', async (t) => {
  const outcome = await client.delete([{ kind: 'Namespace', name: 'kube-system' }], signal);
  t.match(outcome, { outcome: 'refused', message: /^Namespace kube-system: .*this namespace may not be deleted/ });
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
