import { symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { FairwayError } from '../domain/errors.ts';
import { folderOf } from './folder.test-fixture.ts';
import { lintSource } from './lint-source.ts';
import { describeRefusal } from './refusal.ts';
import { loadSource } from './source-folder.ts';
import { chart, configMap, local, render, sentences, signal } from './tool-components.test-fixture.ts';

t.test('a Kustomize folder is built by kustomize, with config items for its replacements', async (t) => {
  const directory = await folderOf(t, {
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
  const directory = await folderOf(t, {
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
    /lstat \/etc\/passwd: no such file or directory/,
  ]);
  t.match(await of('helmCharts:\n- {name: a}\n'), [/must specify --enable-helm/]);
  t.match(await of('resources: [\n'), [/^cluster\/manifests\/web\/kustomization\.yaml: yaml: /]);
});

t.test('a symlink out of the repository is refused before a tool sees it, by lint too', async (t) => {
  const directory = await folderOf(t, {
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
        `cluster/manifests/${file}: cluster/manifests/${file} is a symlink that leads out of the repository; put what it leads to inside`,
    ),
  ];
  t.strictSame((await render(directory)).refusals.map(describeRefusal), expected);
  const source = await loadSource({ name: 'main', directory }, signal);
  t.strictSame(lintSource(source).map(describeRefusal), expected);
});

t.test('clusters that differ only in items which a component does not look at have the same input', async (t) => {
  const directory = await folderOf(t, {
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
  await t.rejects(render(await folderOf(t, chart), local, none), {
    name: 'FairwayError',
    kind: 'unavailable',
    message: "cluster/manifests/web/Chart.yaml: helm 3.22.0 can't be had: no Go toolchain",
  });
  const plain = await folderOf(t, { 'cluster/manifests/plain/plain.yaml': configMap('plain') });
  t.equal((await render(plain, local, none)).components.length, 1);
});

t.test('an object of the kind Kustomization that is not of kustomize is a manifest like others', async (t) => {
  const flux =
    'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: "{{ .Cluster.Alias }}", namespace: flux}\n';
  const { components, refusals } = await render(
    await folderOf(t, { 'cluster/manifests/flux/kustomization.yaml': flux }),
  );
  t.strictSame(refusals, []);
  t.strictSame(
    components[0]?.manifests.map(({ object }) => [object.kind, object.metadata.name]),
    [['Kustomization', 'a']],
  );
});
