import t from 'tap';
import { folderOf } from './folder.test-fixture.ts';
import { describeRefusal } from './refusal.ts';
import { configMap, render } from './render-cluster.test-fixture.ts';

t.test('an object that stands in two components is refused, with both places', async (t) => {
  const directory = await folderOf(t, {
    'cluster/manifests/a/one.yaml': configMap('one', '1'),
    'cluster/manifests/b/more.yaml': `${configMap('two', '{{ .Cluster.Alias }}')}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n`,
  });
  const { refusals } = await render(t, directory);
  t.strictSame(refusals.map(describeRefusal), [
    [
      'cluster/manifests/b/more.yaml:9:1: ConfigMap default/one is already defined in manifests/a/one.yaml:1; keep one of the two',
      '  apiVersion: v1',
      '  ^',
      '(the line is of the rendered text)',
    ].join('\n'),
  ]);
});

const sentences = async (t: Parameters<typeof render>[0], text: string) => {
  const { refusals } = await render(t, await folderOf(t, { 'cluster/manifests/a/all.yaml': text }));
  return refusals.map(({ message }) => message);
};
const of = (apiVersion: string, kind: string, metadata: string) =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x${metadata}}\n---\n`;

t.test('it is the same object in another version of its group, and where a kind has no namespace', async (t) => {
  const ingress = of('networking.k8s.io/v1', 'Ingress', '') + of('networking.k8s.io/v1beta1', 'Ingress', '');
  t.strictSame(await sentences(t, ingress), [
    'Ingress default/x is already defined in manifests/a/all.yaml:1; keep one of the two',
  ]);
  const roles = of('rbac.authorization.k8s.io/v1', 'ClusterRole', ', namespace: a');
  t.strictSame(await sentences(t, roles + of('rbac.authorization.k8s.io/v1', 'ClusterRole', ', namespace: b')), [
    'ClusterRole x is already defined in manifests/a/all.yaml:1; keep one of the two',
  ]);
  const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec: {group: example.org, scope: Cluster, names: {kind: Widget}}
---
`;
  const widgets = of('example.org/v1', 'Widget', ', namespace: a') + of('example.org/v2', 'Widget', ', namespace: b');
  t.strictSame(await sentences(t, definition + widgets), [
    'Widget x is already defined in manifests/a/all.yaml:6; keep one of the two',
  ]);
  t.strictSame(await sentences(t, widgets), []);
});

t.test('other namespaces, groups and kinds are other objects', async (t) => {
  const text = [
    of('v1', 'ConfigMap', ''),
    of('v1', 'ConfigMap', ', namespace: a'),
    of('v1', 'Secret', ''),
    of('example.org/v1', 'ConfigMap', ''),
  ];
  t.strictSame(await sentences(t, text.join('')), []);
});
