import t from 'tap';
import { fileFacts } from '../adapters/facts/file-facts.ts';
import { FairwayError } from '../domain/errors.ts';
import { renderProbe, renderSample, sampleCluster, sampleFacts } from './render-sample.test-fixture.ts';

const pool = { name: 'w', profile: 'p', instance_types: ['m5.large'] };
const item = (key: string) => `{{ .Cluster.ConfigItems.${key} }}`;
const kms = (text: string) => `aws:kms:${Buffer.from(text).toString('base64')}`;

t.test('defaults are read as Go reads a map of strings, and fill only what the cluster lacks', async (t) => {
  const defaults = 'a: 0x10\nb: yes\nc: 1e3\nd:\ne: "x"\nf: 1.0\ng: first\ng: second\nown: default\n';
  const cluster = sampleCluster({ config_items: { own: '', extra: '1' } });
  const template = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'own', 'extra'].map(item).join('|');
  const files = { 'cluster/config-defaults.yaml': defaults };
  t.equal(await renderProbe(t, template, { cluster, files }), '0x10|yes|1e3||x|1.0|second||1');
});

t.test('defaults see no config items of the cluster, no values, and the items of pools as they are', async (t) => {
  const cluster = sampleCluster({ config_items: { a: '1' }, node_pools: [{ ...pool, config_items: { p: '2' } }] });
  const rows: [string, string | RegExp][] = [
    [
      'x: "{{ len .Cluster.ConfigItems }} {{ .Cluster.Alias }} {{ .Cluster.OIDCProvider }}"',
      'x: "0 probe kube-1.example.org"',
    ],
    ['x: {{ .Cluster.ConfigItems.a }}', /map has no entry for key "a"$/],
    ['x: "{{ range .Cluster.NodePools }}{{ .ConfigItems }}{{ end }}"', 'x: "map[p:2]"'],
    ['x: {{ .Values.y }}', /map has no entry for key "y"$/],
    ['x: {{ index .Values "y" }}', 'x: <no value>'],
    ['x: {{ len .Values }}', 'x: 0'],
    ['x: {{ .NodePool }}', 'x: <nil>'],
    ['x: {{ instanceTypeCPUQuantity "m5.large" }}', 'x: 2'],
    ['x: {{ amiID "image" "1" }}', 'x: ami-1'],
    ['x: {{ amiID "other" "1" }}', /no image found with name: other and owner: 1$/],
  ];
  for (const [template, seen] of rows) {
    const shown = await renderProbe(t, template, { cluster, as: 'cluster/config-defaults.yaml' });
    if (typeof seen === 'string') t.equal(shown, seen);
    else t.match(shown, seen);
  }
});

t.test('defaults that are refused do not stop the rest', async (t) => {
  const { refusals, files } = await renderSample(t, {
    files: { 'cluster/config-defaults.yaml': 'a: {b: 1}\nc: "2"\nd: [1]\n', 'cluster/cluster.yaml': 'x: 1\n' },
  });
  t.strictSame(
    refusals.map(({ output, line, message }) => [output, line, message]),
    [
      [
        'config-defaults.yaml',
        1,
        'yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into string\n  line 3: cannot unmarshal !!seq into string',
      ],
    ],
  );
  t.equal(files.get('cluster.yaml'), 'x: 1\n');
});

t.test('encrypted items: those of the cluster and of defaults are decrypted, those of pools are not', async (t) => {
  const cluster = sampleCluster({
    config_items: { own: kms('hello'), pooled: kms('inherited') },
    node_pools: [{ ...pool, config_items: { its: kms('hidden') } }],
  });
  const pools =
    '{{ range .Cluster.NodePools }}{{ .ConfigItems.its }} {{ .ConfigItems.pooled }} {{ .ConfigItems.preset }}{{ end }}';
  const files = { 'cluster/config-defaults.yaml': `preset: ${kms('from defaults')}\n` };
  t.equal(
    await renderProbe(t, `${item('own')}|${item('preset')}|${pools}`, { cluster, files }),
    `hello|from defaults|${kms('hidden')} inherited from defaults`,
  );
});

t.test('what can not be decrypted is told with the key, never with the value', async (t) => {
  const cluster = sampleCluster({ config_items: { own: kms('hello') } });
  const facts = {
    ...fileFacts(sampleFacts, cluster),
    decrypt: () => Promise.reject(new FairwayError('refused', 'AccessDeniedException')),
  };
  const { refusals } = await renderSample(t, { cluster, facts, files: { 'cluster/cluster.yaml': 'x' } });
  t.strictSame(
    refusals.map(({ file, message }) => [file, message]),
    [[`cluster ${cluster.id}`, 'failed to decrypt config item own: AccessDeniedException']],
  );
});

t.test('every item of the cluster goes to each pool that lacks it', async (t) => {
  const cluster = sampleCluster({
    config_items: { a: '1', b: '2' },
    node_pools: [pool, { ...pool, name: 'own', config_items: { a: '', c: '3' } }],
  });
  const template = '{{ range .Cluster.NodePools }}{{ .ConfigItems }}{{ end }}';
  const files = { 'cluster/config-defaults.yaml': 'b: "9"\nd: "4"\n' };
  t.equal(await renderProbe(t, template, { cluster, files }), 'map[a:1 b:2 d:4]map[a: b:2 c:3 d:4]');
});

t.test('later sources override the defaults of earlier ones', async (t) => {
  const { files, components } = await renderSample(t, {
    files: {
      'cluster/config-defaults.yaml': 'a: "1"\nb: "1"\n',
      'cluster/cluster.yaml': item('a') + item('b') + item('c'),
    },
    more: [{ 'cluster/config-defaults.yaml': 'b: "2"\nc: "2"\n' }, { 'cluster/config-defaults.yaml': 'c: "3"\n' }],
  });
  t.equal(files.get('cluster.yaml'), '123');
  t.strictSame(components, []);
});

t.test('a repository without defaults is none that is refused', async (t) => {
  t.equal(await renderProbe(t, item('a'), { cluster: sampleCluster({ config_items: { a: '1' } }) }), '1');
});
