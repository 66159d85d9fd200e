import t from 'tap';
import { folderOf } from './folder.test-fixture.ts';
import { readManifests } from './read-manifests.ts';
import { describeRefusal } from './refusal.ts';
import { configMap, render, sentences } from './tool-components.test-fixture.ts';
import { YamlError } from './yaml/error.ts';

const typed = `apiVersion: v1
kind: ConfigMapList
metadata: {}
items:
  - {metadata: {name: bare}}
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: whole}
  - kind: List
    apiVersion: v1
    items:
      - {apiVersion: apps/v1, kind: DeploymentList, items: [{metadata: {name: inner}}]}
  - {apiVersion: v1, kind: SecretList, items: []}
`;
const real = `apiVersion: example.org/v1
kind: AllowList
metadata: {name: named}
items: [a]
`;

function read(text: string) {
  return readManifests('x.yaml', text, 'lists taken apart').map(({ object, line }) => {
    return [object.apiVersion, object.kind, object.metadata.name, line];
  });
}

t.test('lists are taken apart to any depth; items of a typed list have its type where they say none', async (t) => {
  t.strictSame(read(typed), [
    ['v1', 'ConfigMap', 'bare', 5],
    ['v1', 'ConfigMap', 'whole', 6],
    ['apps/v1', 'Deployment', 'inner', 12],
  ]);
});

t.test('an object of a kind that only sounds like a list stays whole', async (t) => {
  t.strictSame(read(real), [['example.org/v1', 'AllowList', 'named', 1]]);
  const spec = 'apiVersion: example.org/v1\nkind: DenyList\nmetadata: {name: x}\nspec: {items: []}\n';
  t.strictSame(read(spec), [['example.org/v1', 'DenyList', 'x', 1]]);
});

t.test('an item that is no object is refused where it stands', async (t) => {
  const placeOfRefusal = (item: string) => {
    try {
      return read(`apiVersion: v1\nkind: List\nitems:\n- ${item}\n`);
    } catch (error) {
      return error instanceof YamlError ? [error.message, error.line, error.column] : error;
    }
  };
  const unsupported = 'unsupported manifest, expecting kind/apiVersion/metadata.name for Kubernetes';
  t.strictSame(placeOfRefusal('{apiVersion: v1, kind: ConfigMap}'), [unsupported, 4, 3]);
  t.strictSame(placeOfRefusal('metadata: {name: no-kind}'), [unsupported, 4, 3]);
});

t.test('charts and Kustomize folders may render lists', async (t) => {
  const directory = await folderOf(t, {
    'cluster/manifests/web/Chart.yaml':
      'apiVersion: v2\nname: web\nversion: 1.0.0\nannotations: {fairway/namespace: shop}\n',
    'cluster/manifests/web/templates/all.yaml': `apiVersion: v1
kind: ConfigMapList
items:
{{- range tuple "one" "two" }}
  - metadata: {name: dash-{{ . }}}
{{- end }}
`,
    'cluster/manifests/folder/kustomization.yaml': 'resources: [list.yaml]\n',
    'cluster/manifests/folder/list.yaml': `apiVersion: v1\nkind: List\nitems:\n- ${configMap('whole').replaceAll('\n', '\n  ')}`,
  });
  const { components, refusals } = await render(directory);
  t.strictSame(refusals.map(describeRefusal), []);
  t.strictSame(
    components.map(({ name, manifests }) => [
      name,
      manifests.map(({ object }) => `${object.kind} ${object.metadata.namespace}/${object.metadata.name}`).sort(),
    ]),
    [
      ['folder', ['ConfigMap undefined/whole']],
      ['web', ['ConfigMap shop/dash-one', 'ConfigMap shop/dash-two']],
    ],
  );
});

t.test('templates may not, as in CLM, and are told that it is a list', async (t) => {
  t.strictSame(await sentences(t, { 'cluster/manifests/a/list.yaml': typed }), [
    [
      'cluster/manifests/a/list.yaml:1:1: unsupported manifest, expecting kind/apiVersion/metadata.name for Kubernetes',
      '  apiVersion: v1',
      '  ^',
      'it is a list; write its items as documents of their own',
    ].join('\n'),
  ]);
});
