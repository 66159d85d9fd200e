import { createHash } from 'node:crypto';
import t from 'tap';
import { describeRefusal } from './refusal.ts';
import { renderProbe, renderSample, type SampleFiles, sampleCluster } from './render-sample.test-fixture.ts';

const object = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;

/** `component: object object` per component. */
async function components(t: Parameters<typeof renderSample>[0], files: SampleFiles, more: SampleFiles[] = []) {
  const rendered = await renderSample(t, { files, more });
  const seen = rendered.components.map(
    ({ name, manifests }) => `${name}: ${manifests.map(({ object }) => object.metadata.name).join(' ')}`,
  );
  return { seen, refusals: rendered.refusals.map(describeRefusal), files: [...rendered.files.keys()] };
}

t.test('components are the real folders, files are read in the order of their bytes', async (t) => {
  const { seen, refusals } = await components(t, {
    'cluster/manifests/b/2.yaml': object('two'),
    'cluster/manifests/b/10.yml': object('ten'),
    'cluster/manifests/b/B.yaml': object('upper'),
    'cluster/manifests/b/a.yaml': object('lower'),
    'cluster/manifests/b/ä.yaml': object('umlaut'),
    'cluster/manifests/b/.hidden.yaml': object('hidden'),
    'cluster/manifests/b/no.YAML': object('no'),
    'cluster/manifests/b/no.yaml.bak': object('no'),
    'cluster/manifests/b/sub/no.yaml': object('no'),
    'cluster/manifests/B/x.yaml': object('x'),
    'cluster/manifests/.dot/x.yaml': object('dot'),
    'cluster/manifests/linked': '-> b',
    'cluster/manifests/loose.yaml': object('no'),
    'cluster/manifests/a-b/x.yaml': object('dash'),
    'cluster/manifests/a/x.yaml': '-> ../../shared/linked.yaml',
    'cluster/shared/linked.yaml': object('linked'),
  });
  t.strictSame(refusals, []);
  t.strictSame(seen, ['.dot: dot', 'B: x', 'a: linked', 'a-b: dash', 'b: hidden ten two upper lower umlaut']);
});

t.test('documents without content are skipped, then files, then components; their output stands', async (t) => {
  const { seen, refusals, files } = await components(t, {
    'cluster/manifests/a/comments.yaml': '# only\n---\n# comments\n',
    'cluster/manifests/a/none.yaml': '{{ if eq .Cluster.Alias "x" }}nothing{{ end }}',
    'cluster/manifests/b/two.yaml': `---\n${object('one')}---\n\n---\n# x\n---\n${object('two')}...\n`,
    'cluster/manifests/b/null.yaml': '---\nnull\n---\n~\n',
  });
  t.strictSame(refusals, []);
  t.strictSame(seen, ['b: one two']);
  t.strictSame(files, [
    'manifests/a/comments.yaml',
    'manifests/a/none.yaml',
    'manifests/b/null.yaml',
    'manifests/b/two.yaml',
  ]);
});

t.test('a List, a generated name and what is no object are refused, each at its document', async (t) => {
  const { refusals } = await components(t, {
    'cluster/manifests/a/generate.yaml': 'apiVersion: v1\nkind: Job\nmetadata: {generateName: x-}\n',
    'cluster/manifests/a/list.yaml': `${object('x')}---\napiVersion: v1\nkind: List\nitems: []\n`,
    'cluster/manifests/a/sequence.yaml': '- a\n',
    'cluster/manifests/a/word.yaml': 'word\n',
  });
  const hint = 'every document of a manifest needs kind, apiVersion and metadata.name';
  const unsupported = 'unsupported manifest, expecting kind/apiVersion/metadata.name for Kubernetes';
  const mismatch = (what: string) =>
    `yaml: unmarshal errors:\n  line 1: cannot unmarshal ${what} into kubernetes.kubernetesMeta`;
  t.strictSame(refusals, [
    `cluster/manifests/a/generate.yaml:1:1: ${unsupported}\n  apiVersion: v1\n  ^\n${hint}`,
    `cluster/manifests/a/list.yaml:5:1: ${unsupported}\n  apiVersion: v1\n  ^\nit is a list; write its items as documents of their own`,
    `cluster/manifests/a/sequence.yaml:1:1: ${mismatch('!!seq')}\n  - a\n  ^`,
    `cluster/manifests/a/word.yaml:1:1: ${mismatch('!!str `word`')}\n  word\n  ^`,
  ]);
});

t.test('several sources: components and names of templates begin with their name', async (t) => {
  const { seen, refusals, files } = await components(
    t,
    {
      'cluster/cluster.yaml': 'a: 1\n',
      'cluster/config-defaults.yaml': 'a: "1"\n',
      'cluster/manifests/z/one.yaml': object('one'),
    },
    [
      {
        'cluster/cluster.yaml': 'not: read\n',
        'cluster/etcd/stack.yaml': 'not: read\n',
        'cluster/node-pools/p/stack.yaml': 'not: read\n',
        'cluster/manifests/a/bad.yaml': '{{ .Cluster.Nope }}',
        'cluster/manifests/z/two.yaml': object('two'),
      },
    ],
  );
  t.strictSame(seen, ['main/z: one', 'second/z: two']);
  t.match(refusals, [
    /^cluster\/manifests\/a\/bad\.yaml:1:\d+: template: second\/cluster\/manifests\/a\/bad\.yaml:1:\d+: /,
  ]);
  t.strictSame(files, [
    'config-defaults.yaml',
    'cluster.yaml',
    'manifests/main/z/one.yaml',
    'manifests/second/z/two.yaml',
  ]);
});

t.test('each file is a template set of its own', async (t) => {
  const { refusals, seen } = await components(t, {
    'cluster/manifests/a/one.yaml': `{{ define "x" }}${object('one')}{{ end }}{{ template "x" }}`,
    'cluster/manifests/a/two.yaml': '{{ template "x" }}',
  });
  t.strictSame(seen, ['a: one']);
  t.match(refusals, [/template "x" not defined/]);
});

t.test("a hash is of the sibling's text, in the same component only", async (t) => {
  const see = (template: string, files: SampleFiles = {}) =>
    renderProbe(t, template, { files, as: 'cluster/manifests/x/m.yaml' });
  const files = {
    'cluster/manifests/x/a.yaml': 'text {{ .Cluster.Alias }}',
    'cluster/manifests/x/b.yaml': '{{ manifestHash "a.yaml" }}',
    'cluster/manifests/x/y.yaml': '{{ manifestHash "a.yaml" }}',
    'cluster/manifests/x/z.yaml': '{{ .Cluster.Nope }}',
    'cluster/manifests/other/a.yaml': 'x',
  };
  const hash = createHash('sha256').update('text probe').digest('hex');
  t.equal(await see('{{ manifestHash "a.yaml" }}', files), hash);
  t.equal(await see('{{ manifestHash "./../x/a.yaml" }}', files), hash);
  t.equal(await see('{{ manifestHash "b.yaml" }}', files), await see('{{ sha256 (manifestHash "a.yaml") }}', files));
  t.match(
    await see('{{ manifestHash "y.yaml" }}', files),
    /error calling manifestHash: manifestHash is not reentrant$/,
  );
  t.match(await see('{{ manifestHash "m.yaml" }}', files), /manifestHash is not reentrant$/);
  t.match(await see('{{ manifestHash "z.yaml" }}', files), /can't evaluate field Nope in type \*api\.Cluster$/);
  for (const path of ['../other/a.yaml', 'none.yaml', '']) {
    t.match(
      await see(`{{ manifestHash "${path}" }}`, files),
      /error calling manifestHash: template file not found: main\/cluster\/manifests\//,
    );
  }
  t.match(
    await renderProbe(t, '{{ manifestHash "manifests/x/a.yaml" }}', { files }),
    /template file not found: main\/cluster\/manifests\/x\/a\.yaml$/,
  );
});

t.test('a symlink that leads nowhere is told, wherever it stands', async (t) => {
  const { refusals } = await renderSample(t, {
    files: {
      'cluster/cluster.yaml': '-> ../gone.yaml',
      'cluster/manifests/a/gone.yaml': '-> ../../gone.yaml',
      'cluster/manifests/a/loop.yaml': '-> loop.yaml',
      'cluster/manifests/a/folder.yaml': '-> ..',
    },
  });
  t.strictSame(refusals.map(describeRefusal), [
    'cluster/cluster.yaml: cluster/cluster.yaml is a symlink that leads nowhere; put the file there, or remove the symlink',
    'cluster/manifests/a/folder.yaml: cluster/manifests/a/folder.yaml is no regular file; put a file there',
    'cluster/manifests/a/gone.yaml: cluster/manifests/a/gone.yaml is a symlink that leads nowhere; put the file there, or remove the symlink',
    'cluster/manifests/a/loop.yaml: cluster/manifests/a/loop.yaml is a symlink that leads nowhere; put the file there, or remove the symlink',
  ]);
});

t.test('profiles and their files may be symlinks within the repository, not out of it', async (t) => {
  const cluster = sampleCluster({
    node_pools: [
      { name: 'one', profile: 'worker-splitaz', instance_types: ['m5.large'] },
      { name: 'two', profile: 'worker-combined', instance_types: ['m5.large'] },
      { name: 'out', profile: 'outside', instance_types: ['m5.large'] },
    ],
  });
  const { files, refusals } = await renderSample(t, {
    cluster,
    files: {
      'cluster/node-pools/worker-combined/files.yaml': 'files: []\n',
      'cluster/node-pools/worker-combined/userdata.yaml': '{{ .NodePool.Name }} {{ .NodePool.Nope }}',
      'cluster/node-pools/worker-combined/stack.yaml': '-> ../shared/stack.yaml',
      'cluster/node-pools/shared/stack.yaml': 'stack of {{ .NodePool.Name }}',
      'cluster/node-pools/worker-splitaz': '-> worker-combined',
      'cluster/node-pools/outside': '-> /etc',
    },
  });
  t.equal(files.get('node-pools/one/stack.yaml'), 'stack of one');
  t.equal(files.get('node-pools/two/stack.yaml'), 'stack of two');
  const told = refusals.map(({ file, output, message }) => [file, output, message.replace(/:1:\d+: .*at /, ' ')]);
  const nope = "<.NodePool.Nope>: can't evaluate field Nope in type *api.NodePool";
  t.strictSame(told.slice(0, 2), [
    [
      'cluster/node-pools/worker-splitaz/userdata.yaml',
      'node-pools/one/userdata.yaml',
      `template: main/cluster/node-pools/worker-splitaz/userdata.yaml ${nope}`,
    ],
    [
      'cluster/node-pools/worker-combined/userdata.yaml',
      'node-pools/two/userdata.yaml',
      `template: main/cluster/node-pools/worker-combined/userdata.yaml ${nope}`,
    ],
  ]);
  t.match(told[2]?.[1], 'node-pools/out/files.yaml');
});
