import t from 'tap';
import { folderOf } from '../folder.test-fixture.ts';
import { lintSource } from '../lint-source.ts';
import { loadSource } from '../source-folder.ts';
import { findingsIn, told } from './lint.test-fixture.ts';

const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';

t.test(
  'a key that stands twice is told with both lines and its path, at any depth and in every document',
  async (t) => {
    t.strictSame(await told(t, `${head}data:\n  x: "1"\n  y: "2"\n  x: "3"\n`), [
      'error 7: data.x stands twice in its mapping, in lines 5 and 7; the last one holds',
    ]);
    t.strictSame(await told(t, `${head}---\n${head}data: {x: a, x: b, x: c}\n`), [
      'error 8: data.x stands 3 times in its mapping, in line 8; the last one holds',
    ]);
    const nested = `${head}spec:\n  list:\n    - {a: 1}\n    - b:\n        c: 1\n        d: 2\n        c: 3\n`;
    t.strictSame(await told(t, nested), [
      'error 10: spec.list[1].b.c stands twice in its mapping, in lines 8 and 10; the last one holds',
    ]);
    const outer = `${head}spec:\n  a: {b: 1, b: 2}\nspec: {}\n`;
    t.strictSame(await told(t, outer), [
      'error 6: spec stands twice in its mapping, in lines 4 and 6; the last one holds',
      'error 5: spec.a.b stands twice in its mapping, in line 5; the last one holds',
    ]);
  },
);

t.test('it is the same key in another spelling, and not when it only overrides a merged one', async (t) => {
  t.match((await told(t, `${head}data:\n  "x": a\n  ? x\n  : b\n`))[0], /^error 6: data\.x stands twice/);
  t.match(
    (await told(t, `${head}spec:\n  1: a\n  0x1: b\n  "1": c\n`))[0],
    /^error 7: spec\.1 stands 3 times .* in lines 5, 6 and 7/,
  );
  t.match((await told(t, `${head}spec:\n  "\\x78": a\n  x: b\n`))[0], /^error 6: spec\.x stands twice/);
  t.strictSame(await told(t, `${head}spec:\n  a: &a {x: 1}\n  b: {<<: *a, x: 2}\n  c: {<<: *a, <<: {y: 1}}\n`), []);
  t.match((await told(t, `${head}spec:\n  b: {<<: {z: 1, z: 2}, x: 2}\n`))[0], /^error 5: spec\.b\.z stands twice/);
  t.strictSame(await told(t, `${head}spec: [{a: 1}, {a: 2}]\n`), [], 'each item has its own keys');
});

t.test('what a template renders to is looked at, and the last one still holds', async (t) => {
  const branches = `${head}data:\n  {{ if true }}\n  x: a\n  {{ else }}\n  x: b\n  {{ end }}\n`;
  t.strictSame(await told(t, branches), []);
  const [finding] = await findingsIn(t, {
    'cluster/manifests/a/all.yaml': `${head}data:\n  x: "{{ .Cluster.Alias }}"\n  x: b\n`,
  });
  t.match(finding, {
    line: 6,
    column: 3,
    excerpt: '  x: b\n',
    hint: 'keep one of them (the line is of the rendered text)',
  });
});

t.test('files that are no manifests, and those of tools, are looked at as they stand', async (t) => {
  const directory = await folderOf(t, {
    'cluster/config-defaults.yaml': 'a: "1"\na: "2"\n',
    'cluster/cluster.yaml': 'Resources:\n  A: {Ref: !Ref x}\n  A: {}\n',
    'cluster/manifests/deletions.yaml': 'pre_apply: []\npre_apply: []\n',
    'cluster/manifests/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\nname: web\n',
    'cluster/manifests/web/values.yaml': 'image: {tag: a, tag: b}\n',
    'cluster/manifests/web/charts/inner/values.yaml': 'x: 1\nx: 2\n',
    'cluster/manifests/web/templates/a.yaml': 'a: {{ 1 }}\na: 2\n',
    'cluster/manifests/folder/kustomization.yaml': 'namePrefix: a\nnamePrefix: b\n',
    'cluster/manifests/folder/inner/patch.yml': 'a: 1\na: 2\n',
  });
  const { signal } = new AbortController();
  const findings = lintSource(await loadSource({ name: 'main', directory }, signal));
  t.strictSame(findings.map(({ file, line, message }) => `${file}:${line}: ${message.split(' ')[0]}`).sort(), [
    'cluster/cluster.yaml:3: Resources.A',
    'cluster/config-defaults.yaml:2: a',
    'cluster/manifests/deletions.yaml:2: pre_apply',
    'cluster/manifests/folder/inner/patch.yml:2: a',
    'cluster/manifests/folder/kustomization.yaml:2: namePrefix',
    'cluster/manifests/web/Chart.yaml:4: name',
    'cluster/manifests/web/charts/inner/values.yaml:2: x',
    'cluster/manifests/web/values.yaml:1: image.tag',
  ]);
});
