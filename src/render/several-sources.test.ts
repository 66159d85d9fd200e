import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { noFacts } from '../adapters/facts/no-facts.ts';
import { folderOf } from './folder.test-fixture.ts';
import { configMap, local, render } from './render-cluster.test-fixture.ts';
import { renderCluster } from './render-cluster.ts';

t.test('later sources add components and override defaults', async (t) => {
  const main = await folderOf(t, {
    'cluster/config-defaults.yaml': 'a: "1"\nb: "1"\n',
    'cluster/manifests/x/one.yaml': configMap('one', '{{ .Cluster.ConfigItems.a }} {{ .Cluster.ConfigItems.b }}'),
  });
  const extra = await folderOf(t, {
    'cluster/config-defaults.yaml': 'b: "2"\n',
    'cluster/manifests/x/two.yaml': configMap('two', '1'),
  });
  const { signal } = new AbortController();
  const rendered = await renderCluster({
    sources: [
      { name: 'main', directory: main, revision: 'abc' },
      { name: 'extra', directory: extra },
    ],
    cluster: local,
    facts: noFacts(local.id),
    signal,
  });
  t.strictSame(
    rendered.components.map(({ name }) => name),
    ['main/x', 'extra/x'],
  );
  t.strictSame(rendered.components[0]?.manifests[0]?.object.data, { value: '1 2' });
  t.match(rendered.version, /^main=abc;extra=<dir>#/);
});

t.test('an object that a later source has too is taken from there, once', async (t) => {
  const main = await folderOf(t, {
    'cluster/manifests/x/all.yaml': `${configMap('shared', 'main')}---\n${configMap('own', 'main')}`,
    'cluster/manifests/y/gone.yaml': configMap('other', 'main'),
  });
  const extra = await folderOf(t, {
    'cluster/manifests/z/all.yaml': `${configMap('shared', 'extra')}---\n${configMap('other', 'extra')}`,
  });
  const sources = [
    { name: 'main', directory: main },
    { name: 'extra', directory: extra },
  ];
  const { signal } = new AbortController();
  const rendered = await renderCluster({ sources, cluster: local, facts: noFacts(local.id), signal });
  t.strictSame(
    rendered.components.map(({ name, manifests }) => [
      name,
      manifests.map(({ object }) => [object.metadata.name, object.data]),
    ]),
    [
      ['main/x', [['own', { value: 'main' }]]],
      [
        'extra/z',
        [
          ['shared', { value: 'extra' }],
          ['other', { value: 'extra' }],
        ],
      ],
    ],
  );
});

t.test('a source must not be a symlink out of its repository', async (t) => {
  const outside = await folderOf(t, { 'cluster/manifests/x/one.yaml': configMap('one', '1') });
  const inside = await folderOf(t, { 'README.md': '' });
  await symlink(outside, join(inside, 'desired'));
  const { signal } = new AbortController();
  const source = { name: 'main', directory: join(inside, 'desired'), within: inside };
  await t.rejects(renderCluster({ sources: [source], cluster: local, facts: noFacts(local.id), signal }), {
    name: 'FairwayError',
    kind: 'refused',
    message: 'desired is a symlink that leads out of the repository; put the folder itself there',
  });
});

t.test('a source that is no folder is refused by name', async (t) => {
  await t.rejects(render(t, '/nonexistent/repository'), {
    message: /^\/nonexistent\/repository: .*; name a folder with a config repository$/,
  });
});
