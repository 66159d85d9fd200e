import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { clusters, fairway, folder, manifest } from './commands.test-fixture.ts';

t.test('renders a cluster into a folder, byte for byte', async (t) => {
  const directory = await folder(t, {
    'clusters.json': clusters,
    'repo/cluster/config-defaults.yaml': 'size: "1" # äöü\n',
    'repo/cluster/manifests/x/one.yaml': manifest,
    'out/manifests/old/gone.yaml': 'from an earlier render',
    'out/notes.txt': 'not ours',
  });
  const at = (path: string) => join(directory, path);
  const run = await fairway(
    'render',
    '--source',
    at('repo'),
    '--cluster',
    at('clusters.json'),
    '--id',
    'local:a',
    '--out',
    at('out'),
  );
  t.match(run, { code: 0, error: '' });
  t.match(run.out, /^cluster local:a, version <dir>#[\w-]{27}\n2 files, 1 component, 1 object, 0 stacks$/);
  t.equal(await readFile(at('out/config-defaults.yaml'), 'utf8'), 'size: "1" # äöü\n');
  t.match(await readFile(at('out/manifests/x/one.yaml'), 'utf8'), 'data: {alias: "a"}');
  t.strictSame((await readdir(at('out'))).sort(), ['config-defaults.yaml', 'manifests', 'notes.txt']);
});

t.test('a refused file does not stop the rest; it is in errors.json and the exit code is 1', async (t) => {
  const directory = await folder(t, {
    'clusters.json': clusters,
    'repo/cluster/manifests/x/bad.yaml': 'a: {{ .Cluster.ConfigItems.size }}\n',
    'repo/cluster/manifests/x/good.yaml': manifest,
  });
  const at = (path: string) => join(directory, path);
  const common = ['--source', at('repo'), '--cluster', at('clusters.json'), '--id', 'a'];
  const run = await fairway('render', ...common, '--out', at('out'));
  t.equal(run.code, 1);
  t.match(
    run.out,
    /cluster\/manifests\/x\/bad\.yaml:1:15: template: main\/cluster\/manifests\/x\/bad\.yaml:1:14: .*no entry for key "size"/,
  );
  t.strictSame(JSON.parse(await readFile(at('out/errors.json'), 'utf8')), {
    'manifests/x/bad.yaml':
      'template: main/cluster/manifests/x/bad.yaml:1:14: executing "main/cluster/manifests/x/bad.yaml" at <.Cluster.ConfigItems.size>: map has no entry for key "size"',
  });
  t.strictSame(await readdir(at('out/manifests/x')), ['good.yaml']);
  const json = JSON.parse((await fairway('render', ...common, '--output', 'json')).out);
  t.match(json, { cluster: 'local:a', components: [{ name: 'x', objects: 1 }], refusals: [{ line: 1, column: 15 }] });
});

t.test('wrong use is told in a sentence, with exit code 2', async (t) => {
  const directory = await folder(t, {
    'clusters.json': clusters,
    'bad.json': '{"items": 1}',
    'repo/cluster/manifests/x/one.yaml': manifest,
  });
  const at = (path: string) => join(directory, path);
  const sentence = async (...args: string[]) => {
    const run = await fairway('render', ...args);
    return [run.code, run.error];
  };
  t.strictSame(await sentence('--source', at('repo'), '--cluster', at('clusters.json')), [
    2,
    'fairway: say which cluster with --id; there are local:a, local:b',
  ]);
  t.strictSame(await sentence('--source', at('repo'), '--cluster', at('clusters.json'), '--id', 'c'), [
    2,
    `fairway: --id c: no such cluster in ${at('clusters.json')}; there are local:a, local:b`,
  ]);
  t.strictSame(
    await sentence('--source', at('repo'), '--cluster', at('clusters.json'), '--id', 'a', '--output', 'xml'),
    [2, 'fairway: --output xml: there are text and json'],
  );
  t.strictSame(await sentence('--source', at('repo'), '--cluster', at('bad.json')), [
    2,
    `fairway: cluster file ${at('bad.json')}: expected {clusters: […]}, {items: […]}, a list of clusters or one cluster with an id`,
  ]);
  t.strictSame(await sentence('--source', 'x', '--cluster', 'y', '--wurst', 'z'), [
    2,
    "error: unknown option '--wurst'",
  ]);
  t.strictSame(await sentence('--cluster', 'x'), [2, "error: required option '--source <dir...>' not specified"]);
  const [code, missing] = await sentence('--source', at('nowhere'), '--cluster', at('clusters.json'), '--id', 'a');
  t.equal(code, 2);
  t.match(missing, /nowhere: .*; name a folder with a config repository$/);
});

t.test('components of kustomize and helm are rendered and linted by the real programs', async (t) => {
  const directory = await folder(t, {
    'clusters.json': clusters,
    'repo/cluster/manifests/chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 0.1.0\n',
    'repo/cluster/manifests/chart/templates/one.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}"}\ndata: {size: "{{ .Values.configItems.size }}"}\n',
    'repo/cluster/manifests/folder/kustomization.yaml': 'namePrefix: my-\nresources: [two.yaml]\n',
    'repo/cluster/manifests/folder/two.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: two}\n',
    'wrong/cluster/manifests/folder/kustomization.yaml': 'resource: [two.yaml]\n',
  });
  const at = (path: string) => join(directory, path);
  const common = ['--cluster', at('clusters.json'), '--id', 'local:b', '--out', at('out')];
  const run = await fairway('render', '--source', at('repo'), ...common);
  t.match(run.out, /\n2 files, 2 components, 2 objects, 0 stacks$/);
  t.match(
    await readFile(at('out/manifests/chart/rendered.yaml'), 'utf8'),
    'metadata: {name: "chart"}\ndata: {size: "3"}',
  );
  t.match(await readFile(at('out/manifests/folder/rendered.yaml'), 'utf8'), 'name: my-two');
  t.match(await fairway('lint', at('repo')), { code: 0, out: '4 files, nothing wrong' });
  t.match(await fairway('lint', at('wrong'), '--cluster', at('clusters.json')), {
    code: 1,
    out: 'cluster/manifests/folder/kustomization.yaml: invalid Kustomization: json: unknown field "resource"\nfor local:a, local:b\n\n1 refused',
  });
});
