import t from 'tap';
import { createManifestTools } from '../adapters/manifest-tools/create-manifest-tools.ts';
import { folderOf } from './folder.test-fixture.ts';
import { describeRefusal } from './refusal.ts';
import { chart, configMap, local, render, sentences } from './tool-components.test-fixture.ts';

t.test('a Helm chart is rendered by helm: values for the cluster, config items, CRDs, namespace', async (t) => {
  const { components, refusals, files } = await render(await folderOf(t, chart));
  t.strictSame(refusals.map(describeRefusal), []);
  t.strictSame(
    components.map(({ name, manifests }) => [
      name,
      manifests.map(({ object, file, line }) => [object.kind, object.metadata.namespace, object.data, file, line]),
    ]),
    [
      [
        'web',
        [
          ['CustomResourceDefinition', undefined, undefined, 'manifests/web/Chart.yaml', 3],
          [
            'ConfigMap',
            'shop',
            { values: '2 a.example.org default yes', release: 'shop v1.34.4' },
            'manifests/web/Chart.yaml',
            9,
          ],
          ['ClusterRole', undefined, undefined, 'manifests/web/Chart.yaml', 17],
        ],
      ],
    ],
  );
  t.equal(files.get('manifests/web/config-values.yaml'), 'replicas: 2\nhost: "a.example.org"\n');
  t.match(files.get('manifests/web/rendered.yaml'), '# Source: shop/templates/one.yaml');
});

t.test('hooks know their time; tests and hooks of what is never done here are left out', async (t) => {
  const hook = (kind: string, name: string, events: string) =>
    `apiVersion: v1\nkind: ${kind}\nmetadata: {name: ${name}, annotations: {helm.sh/hook: "${events}", helm.sh/hook-weight: "2"}}\n`;
  const directory = await folderOf(t, {
    ...chart,
    'cluster/manifests/web/templates/hooks.yaml': [
      hook('Pod', 'before', 'pre-install, pre-upgrade'),
      hook('ServiceAccount', 'after', 'post-upgrade'),
      hook('Pod', 'test', 'test'),
      hook('Pod', 'cleanup', 'pre-delete'),
      hook('Pod', 'back', 'post-rollback,post-delete'),
    ].join('---\n'),
  });
  const manifests = (await render(directory)).components[0]?.manifests ?? [];
  const found = manifests.map(({ object, release, hook }) => [
    object.metadata.name,
    release,
    hook?.events,
    hook?.weight,
  ]);
  t.strictSame(
    new Set(found.map((one) => JSON.stringify(one))),
    new Set([
      '["shops.example.org","web",null,null]',
      '["web","web",null,null]',
      '["before","web",["pre-install","pre-upgrade"],2]',
      '["after","web",["post-upgrade"],2]',
    ]),
  );
});

t.test('helm refuses in its own words, and nothing else of the component is rendered', async (t) => {
  const of = (files: Record<string, string>) => sentences(t, { ...chart, ...files });
  t.match(await of({ 'cluster/manifests/web/templates/bad.yaml': 'a: {{ .Values.nope.x }}\n' }), [
    /^cluster\/manifests\/web\/Chart\.yaml: template: shop\/templates\/bad\.yaml:1:\d+: executing .*nil pointer evaluating interface \{\}\.x$/,
  ]);
  const dependency = '\ndependencies: [{name: redis, version: 1.0.0, repository: "https://charts.example.org"}]\n';
  t.match(await of({ 'cluster/manifests/web/Chart.yaml': `apiVersion: v2\nname: shop\nversion: 0.1.0${dependency}` }), [
    /Chart\.yaml: .*found in Chart\.yaml, but missing in charts\/ directory: redis$/,
  ]);
  t.strictSame(await of({ 'cluster/manifests/web/templates/one.yaml': 'kind: ConfigMap\n' }), [
    'cluster/manifests/web/Chart.yaml:9:1: unsupported manifest, expecting kind/apiVersion/metadata.name for Kubernetes\n  kind: ConfigMap\n  ^\nevery document of a manifest needs kind, apiVersion and metadata.name (the line is of the rendered text)',
  ]);
  t.match(await of({ 'cluster/manifests/web/config-values.yaml': 'a: {{ .Cluster.ConfigItems.nope }}\n' }), [
    /^cluster\/manifests\/web\/config-values\.yaml:1:15: .*map has no entry for key "nope"/,
  ]);
  t.strictSame(
    await of({ 'cluster/manifests/web/Chart.yaml': 'name: shop\nannotations: {fairway/namespace: Shop}\n' }),
    [
      'cluster/manifests/web/Chart.yaml: annotations.fairway/namespace: "Shop" is no namespace; use lower-case letters, digits and "-"',
    ],
  );
});

t.test(
  'a bomb of aliases and a chart without end take no more memory than they may',
  { skip: process.platform === 'linux' ? false : 'the system has no bound for it' },
  async (t) => {
    const levels = [...'bcdefghij'].map((name, index) => {
      const below = `*${'abcdefghi'[index]}, `;
      return ` ${name}: &${name} [${below.repeat(10)}]\n`;
    });
    const directory = await folderOf(t, {
      'cluster/manifests/bomb/kustomization.yaml': 'namePrefix: x-\nresources: [bomb.yaml]\n',
      'cluster/manifests/bomb/bomb.yaml': `${configMap('bomb')}x:\n a: &a [x, x]\n${levels.join('')}`,
      'cluster/manifests/chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 0.1.0\n',
      'cluster/manifests/chart/templates/endless.yaml': '{{ range until 1000000000 }}{{ . }}{{ end }}',
    });
    const small = createManifestTools({
      report: () => {},
      unsandboxed: { tools: 'refused', setting: 'none' },
      limits: { milliseconds: 120_000, bytes: 1_000_000, memoryMiB: 1024 },
    });
    t.strictSame((await render(directory, local, small)).refusals.map(describeRefusal), [
      'cluster/manifests/bomb/kustomization.yaml: kustomize needed more than 1024 MiB of memory',
      'cluster/manifests/chart/Chart.yaml: helm needed more than 1024 MiB of memory',
    ]);
  },
);
