import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { noFacts } from '../adapters/facts/no-facts.ts';
import { createManifestTools } from '../adapters/manifest-tools/create-manifest-tools.ts';
import { cluster } from '../domain/cluster.ts';
import { FairwayError } from '../domain/errors.ts';
import { lintSource } from './lint-source.ts';
import { describeRefusal } from './refusal.ts';
import { renderCluster } from './render-cluster.ts';
import { loadSource } from './source-folder.ts';

const { signal } = new AbortController();
/** The real kustomize and helm. */
const tools = createManifestTools({ report: () => {} });
const local = cluster.parse({
  id: 'local:a',
  alias: 'a',
  local_id: 'a',
  api_server_url: '',
  channel: 'dev',
  provider: 'local',
  config_items: { color: 'red', answer: 'yes', lines: 'one\ntwo' },
});

async function repository(t: Test, files: Record<string, string>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-tool-components-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  return directory;
}

function render(directory: string, of = local, with_ = tools) {
  const sources = [{ name: 'main', directory }];
  return renderCluster({ sources, cluster: of, facts: noFacts(of.id), tools: with_, signal });
}

/** Of a repository that is refused, the sentences, which lint gives too where they don't need the tool. */
async function sentences(t: Test, files: Record<string, string>): Promise<string[]> {
  return (await render(await repository(t, files))).refusals.map(describeRefusal);
}

const configMap = (name: string, data = '{}') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: ${data}\n`;

t.test('a Kustomize folder is built by kustomize, with config items for its replacements', async (t) => {
  const directory = await repository(t, {
    'cluster/config-defaults.yaml': 'size: "3"\n',
    'cluster/manifests/web/kustomization.yaml': `
namePrefix: my-
resources: [one.yaml, inner, config-items.yaml]
replacements:
- source: {kind: ConfigMap, name: config-items, fieldPath: data.answer}
  targets: [{select: {name: one}, fieldPaths: [data.answer]}]
- source: {kind: ConfigMap, name: config-items, fieldPath: data.size}
  targets: [{select: {name: one}, fieldPaths: [data.size]}]
- source: {kind: ConfigMap, name: config-items, fieldPath: data.lines}
  targets: [{select: {name: one}, fieldPaths: [data.lines]}]
`,
    'cluster/manifests/web/one.yaml': configMap('one', '{answer: x, size: x, lines: x}'),
    'cluster/manifests/web/config-items.yaml': configMap('config-items', '{answer: a sample}'),
    'cluster/manifests/web/inner/kustomization.yml':
      'configMapGenerator:\n- name: inner\n  literals: [url=https://example.org]\n',
  });
  const rendered = await render(directory);
  t.strictSame(rendered.refusals.map(describeRefusal), []);
  t.strictSame(
    rendered.components.map(({ name, manifests }) => [
      name,
      manifests.map(({ object, file, line }) => [object.metadata.name, object.data, file, line]),
    ]),
    [
      [
        'web',
        [
          ['my-inner-bb7b2h2f64', { url: 'https://example.org' }, 'manifests/web/kustomization.yaml', 1],
          ['my-one', { answer: 'yes', lines: 'one\ntwo', size: '3' }, 'manifests/web/kustomization.yaml', 8],
        ],
      ],
    ],
  );
  t.match(rendered.files.get('manifests/web/rendered.yaml'), 'name: my-one');
});

t.test('a base may lie anywhere in the desired state, and is no component of its own', async (t) => {
  const directory = await repository(t, {
    'cluster/manifests/base/kustomization.yaml': 'resources: [base.yaml, ../../shared/deep]\n',
    'cluster/manifests/base/base.yaml': configMap('base'),
    'cluster/shared/deep/Kustomization': 'resources: [deep.yaml]\n',
    'cluster/shared/deep/deep.yaml': configMap('deep'),
    'cluster/manifests/overlay/kustomization.yaml': 'namespace: over\nresources: [../base]\n',
    'cluster/manifests/plain/plain.yaml': configMap('plain', '{value: "{{ .Cluster.Alias }}"}'),
  });
  const { components, refusals } = await render(directory);
  t.strictSame(refusals.map(describeRefusal), []);
  t.strictSame(
    components.map(({ name, manifests }) => [
      name,
      manifests.map(({ object }) => [object.metadata.namespace, object.metadata.name]),
    ]),
    [
      [
        'overlay',
        [
          ['over', 'base'],
          ['over', 'deep'],
        ],
      ],
      ['plain', [[undefined, 'plain']]],
    ],
  );
});

t.test('what is not in the repository is refused, and nothing is fetched', async (t) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end(configMap('fetched'));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.yaml`;
  const of = async (text: string, more: Record<string, string> = {}) => {
    const files = { 'cluster/manifests/web/kustomization.yaml': text, ...more };
    return sentences(t, files);
  };
  const outside = (what: string, file = 'kustomization.yaml') => [
    `cluster/manifests/web/${file}: "${what}" lies outside of the repository; put what it names into the repository`,
  ];
  t.strictSame(await of(`resources: ['${url}']\n`), outside(url));
  t.strictSame(await of(`Resources: ["\\x68${url.slice(1)}"]\n`), outside(url), 'in whatever way it is written');
  t.strictSame(await of(`patches:\n- path: ${url}\n`), outside(url));
  t.strictSame(await of(`configMapGenerator:\n- {name: a, files: [a=${url}]}\n`), outside(url));
  const generator = `apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: a}\nfiles: ['a=${url}']\n`;
  t.strictSame(
    await of('generators: [gen.yaml]\n', { 'cluster/manifests/web/gen.yaml': generator }),
    outside(url, 'gen.yaml'),
  );
  const disguised = generator.replace('builtin', '"b\\x75iltin"');
  t.strictSame(
    await of('generators: [gen.yaml]\n', { 'cluster/manifests/web/gen.yaml': disguised }),
    outside(url, 'gen.yaml'),
  );
  t.strictSame(await of(`generators:\n- |\n  ${generator.replaceAll('\n', '\n  ')}\n`), outside(url));
  const github = 'github.com/kubernetes-sigs/kustomize//examples/helloWorld';
  t.strictSame(await of(`resources: ['${github}']\n`), outside(github));
  t.strictSame(await of("resources: ['git@example.org:a/b']\n"), outside('git@example.org:a/b'));
  t.strictSame(await of('resources: [../../../outside]\n', { 'outside/kustomization.yaml': '' }), [
    'cluster/manifests/web/kustomization.yaml: "../../../outside" leads out of the folder with the desired state; put what it names into that folder',
  ]);
  t.strictSame(asked, []);
});

t.test('kustomize refuses in its own words', async (t) => {
  const of = (text: string) =>
    sentences(t, {
      'cluster/manifests/web/kustomization.yaml': text,
      'cluster/manifests/other/one.yaml': configMap('one'),
    });
  t.strictSame(await of('resource: [a.yaml]\n'), [
    'cluster/manifests/web/kustomization.yaml: invalid Kustomization: json: unknown field "resource"',
  ]);
  t.match(await of('resources: [../other/one.yaml]\n'), [
    /^cluster\/manifests\/web\/kustomization\.yaml: accumulating resources: .*security; file 'cluster\/manifests\/other\/one\.yaml' is not in or below 'cluster\/manifests\/web'/,
  ]);
  t.match(await of('configMapGenerator:\n- {name: a, files: [/etc/passwd]}\n'), [
    /security; file '\/etc\/passwd' is not in or below/,
  ]);
  t.match(await of('helmCharts:\n- {name: a}\n'), [/must specify --enable-helm/]);
  t.match(await of('resources: [\n'), [/^cluster\/manifests\/web\/kustomization\.yaml: yaml: /]);
});

t.test('a symlink out of the repository is refused before a tool sees it, by lint too', async (t) => {
  const directory = await repository(t, {
    'cluster/manifests/web/kustomization.yaml': 'resources: [passwd.yaml]\n',
    'cluster/manifests/chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 0.1.0\n',
    'cluster/manifests/chart/templates/good.yaml': '',
    'cluster/manifests/both/Chart.yaml': '',
    'cluster/manifests/both/kustomization.yaml': '',
  });
  await symlink('/etc/passwd', join(directory, 'cluster/manifests/web/passwd.yaml'));
  await symlink('/etc/passwd', join(directory, 'cluster/manifests/chart/templates/passwd.yaml'));
  const expected = [
    'cluster/manifests/both/kustomization.yaml: cluster/manifests/both holds both kustomization.yaml and Chart.yaml; put them into a component each',
    ...['chart/templates/passwd.yaml', 'web/passwd.yaml'].map(
      (file) =>
        `cluster/manifests/${file}: cluster/manifests/${file} is a symlink that leads out of the repository; put the file itself there`,
    ),
  ];
  t.strictSame((await render(directory)).refusals.map(describeRefusal), expected);
  const source = await loadSource({ name: 'main', directory }, signal);
  t.strictSame(lintSource(source).map(describeRefusal), expected);
});

const chart = {
  'cluster/manifests/web/Chart.yaml':
    'apiVersion: v2\nname: shop\nversion: 0.1.0\nannotations: {fairway/namespace: shop}\n',
  'cluster/manifests/web/values.yaml': 'replicas: 1\nhost: none\nkept: default\n',
  'cluster/manifests/web/config-values.yaml': 'replicas: 2\nhost: "{{ .Cluster.Alias }}.example.org"\n',
  'cluster/manifests/web/templates/one.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}"}
data:
  values: "{{ .Values.replicas }} {{ .Values.host }} {{ .Values.kept }} {{ .Values.configItems.answer }}"
  release: "{{ .Release.Namespace }} {{ .Capabilities.KubeVersion }}"
`,
  'cluster/manifests/web/templates/role.yaml':
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: web}\n',
  'cluster/manifests/web/crds/shop.yaml':
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: shops.example.org}\n',
};

t.test('a Helm chart is rendered by helm: values for the cluster, config items, CRDs, namespace', async (t) => {
  const { components, refusals, files } = await render(await repository(t, chart));
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

t.test(
  'hooks of installing and upgrading are applied; tests and hooks of what is never done here are not',
  async (t) => {
    const hook = (name: string, events: string) =>
      `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, annotations: {helm.sh/hook: "${events}"}}\n`;
    const directory = await repository(t, {
      ...chart,
      'cluster/manifests/web/templates/hooks.yaml': [
        hook('before', 'pre-install, pre-upgrade'),
        hook('after', 'post-upgrade'),
        hook('test', 'test'),
        hook('cleanup', 'pre-delete'),
        hook('back', 'post-rollback,post-delete'),
      ].join('---\n'),
    });
    const { components } = await render(directory);
    const pods = components[0]?.manifests.filter(({ object }) => object.kind === 'Pod');
    t.strictSame(pods?.map(({ object }) => object.metadata.name).sort(), ['after', 'before']);
  },
);

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
    const directory = await repository(t, {
      'cluster/manifests/bomb/kustomization.yaml': 'namePrefix: x-\nresources: [bomb.yaml]\n',
      'cluster/manifests/bomb/bomb.yaml': `${configMap('bomb')}x:\n a: &a [x, x]\n${levels.join('')}`,
      'cluster/manifests/chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 0.1.0\n',
      'cluster/manifests/chart/templates/endless.yaml': '{{ range until 1000000000 }}{{ . }}{{ end }}',
    });
    const small = createManifestTools({
      report: () => {},
      limits: { milliseconds: 120_000, bytes: 1_000_000, memoryMiB: 1024 },
    });
    t.strictSame((await render(directory, local, small)).refusals.map(describeRefusal), [
      'cluster/manifests/bomb/kustomization.yaml: kustomize needed more than 1024 MiB of memory',
      'cluster/manifests/chart/Chart.yaml: helm needed more than 1024 MiB of memory',
    ]);
  },
);

t.test('clusters that differ only in items which a component does not look at have the same input', async (t) => {
  const directory = await repository(t, {
    'cluster/manifests/plain/kustomization.yaml': 'resources: [one.yaml]\n',
    'cluster/manifests/plain/one.yaml': configMap('one'),
    'cluster/manifests/chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 0.1.0\n',
    'cluster/manifests/chart/templates/one.yaml': configMap('two'),
  });
  const inputs = new Set<string>();
  const keep = async (...input: unknown[]) => {
    inputs.add(JSON.stringify(input.slice(0, -1).map((part) => ({ ...Object(part), files: undefined }))));
    return { outcome: 'rendered' as const, text: '' };
  };
  for (const color of ['red', 'blue']) {
    await render(directory, { ...local, config_items: { color } }, { kustomize: keep, helm: keep });
  }
  t.equal(inputs.size, 2);
});

t.test('a tool that cannot be had is told with the file that wants it, and only there', async (t) => {
  const nobody = async () => {
    throw new FairwayError('unavailable', "helm 3.22.0 can't be had: no Go toolchain");
  };
  const none = { kustomize: nobody, helm: nobody };
  await t.rejects(render(await repository(t, chart), local, none), {
    name: 'FairwayError',
    kind: 'unavailable',
    message: "cluster/manifests/web/Chart.yaml: helm 3.22.0 can't be had: no Go toolchain",
  });
  const plain = await repository(t, { 'cluster/manifests/plain/plain.yaml': configMap('plain') });
  t.equal((await render(plain, local, none)).components.length, 1);
});

t.test('an object of the kind Kustomization that is not of kustomize is a manifest like others', async (t) => {
  const flux =
    'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: "{{ .Cluster.Alias }}", namespace: flux}\n';
  const { components, refusals } = await render(
    await repository(t, { 'cluster/manifests/flux/kustomization.yaml': flux }),
  );
  t.strictSame(refusals, []);
  t.strictSame(
    components[0]?.manifests.map(({ object }) => [object.kind, object.metadata.name]),
    [['Kustomization', 'a']],
  );
});
