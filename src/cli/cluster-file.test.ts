import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { readClusterFile } from './cluster-file.ts';

type Test = { teardown(action: () => unknown): void };

async function clusterFile(t: Test, content: unknown): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-clusters-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, 'clusters');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function refusal(t: Test, content: unknown): Promise<string> {
  const path = await clusterFile(t, content);
  const message = await readClusterFile(path).then(
    () => 'not refused',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return message.replace(path, 'FILE');
}

const one = {
  id: 'aws:1:r:c',
  alias: 'c',
  local_id: 'c',
  api_server_url: 'https://c.example.org',
  channel: 'dev',
  provider: 'zalando-aws',
};

t.test('clusters come as {clusters}, {items}, a list or alone, as JSON or YAML', async (t) => {
  const yaml = Object.entries(one).map(([key, value]) => `${key}: ${value}`);
  const documents: unknown[] = [
    { clusters: [one] },
    { items: [one] },
    [one],
    one,
    `clusters:\n- ${yaml.join('\n  ')}\n`,
    `${yaml.join('\n')}\n`,
    `{clusters: [{${yaml.join(', ')}}]}`,
    `\ufeff${JSON.stringify(one)}`,
  ];
  for (const document of documents) {
    const clusters = await readClusterFile(await clusterFile(t, document));
    t.strictSame(
      clusters.map(({ id, config_items }) => [id, config_items]),
      [['aws:1:r:c', {}]],
    );
  }
});

t.test('null counts as not set', async (t) => {
  const document = { ...one, node_pools: null, config_items: { a: null }, owner: null, status: null };
  const [cluster] = await readClusterFile(await clusterFile(t, document));
  t.match(cluster, { node_pools: [], config_items: {}, owner: '', status: { current_version: '' } });
});

t.test('config items in YAML are texts as they stand', async (t) => {
  const yaml = `
defaults: &defaults {shared: 1.0, own: 2}
clusters:
- id: a
  alias: a
  local_id: 0123
  api_server_url: https://a.example.org
  channel: dev
  provider: zalando-aws
  criticality_level: 2
  created_at: 2020-01-02T03:04:05Z
  config_items:
    <<: *defaults
    own: 0x10
    flag: yes
    off: no
    time: 1:30
    date: 2020-01-02
    empty:
    quoted: "007"
    text: |
      line
  node_pools:
  - {name: w, profile: p, instance_types: [m5.large], config_items: {size: 1_000, on: true}}
`;
  const refused = await refusal(t, yaml);
  t.match(refused, /clusters\[0\] \(a\): local_id: expected string, received number; quote it$/);
  const [cluster] = await readClusterFile(await clusterFile(t, yaml.replace('0123', '"0123"')));
  t.strictSame(cluster?.config_items, {
    shared: '1.0',
    own: '0x10',
    flag: 'yes',
    off: 'no',
    time: '1:30',
    date: '2020-01-02',
    empty: '',
    quoted: '007',
    text: 'line\n',
  });
  t.strictSame(cluster?.node_pools[0]?.config_items, { size: '1_000', on: 'true' });
  t.match(cluster, { criticality_level: 2, created_at: '2020-01-02T03:04:05Z', local_id: '0123' });
});

const expected = 'expected {clusters: […]}, {items: […]}, a list of clusters or one cluster with an id';
const rows: [what: string, document: unknown, message: string | RegExp][] = [
  ['a word', 'word', `cluster file FILE: ${expected}`],
  ['another object', { nodes: [] }, `cluster file FILE: ${expected}`],
  ['clusters that are no list', { clusters: {} }, `cluster file FILE: ${expected}`],
  ['nothing', '', `cluster file FILE: ${expected}`],
  ['no clusters', { items: [] }, 'cluster file FILE: items is empty; there is no cluster in it'],
  [
    'everything that is wrong in all clusters',
    {
      clusters: [
        { id: 'a' },
        {
          ...one,
          config_items: { n: 5 },
          node_pools: [{ name: 'w', profile: 'p', instance_types: 'm5', min_size: -1 }],
        },
        { alias: 'b' },
        'text',
      ],
    },
    [
      'cluster file FILE:',
      '  clusters[0] (a): alias: missing, expected string',
      '  clusters[0] (a): local_id: missing, expected string',
      '  clusters[0] (a): api_server_url: missing, expected string',
      '  clusters[0] (a): channel: missing, expected string',
      '  clusters[0] (a): provider: missing, expected string',
      '  clusters[1] (aws:1:r:c): config_items.n: expected string, received number; quote it',
      '  clusters[1] (aws:1:r:c): node_pools[0].instance_types: expected array, received string',
      '  clusters[1] (aws:1:r:c): node_pools[0].min_size: Too small: expected number to be >=0',
      '  clusters[2]: id: missing, expected string',
      '  clusters[2]: local_id: missing, expected string',
      '  clusters[2]: api_server_url: missing, expected string',
      '  clusters[2]: channel: missing, expected string',
      '  clusters[2]: provider: missing, expected string',
      '  clusters[3]: expected object, received string',
    ].join('\n'),
  ],
  [
    'a status that there is not',
    { ...one, lifecycle_status: 'broken' },
    'cluster file FILE: cluster aws:1:r:c: lifecycle_status: expected one of "requested"|"creating"|"ready"|"decommission-requested"|"decommissioned"',
  ],
  [
    'a level that does not fit',
    { ...one, criticality_level: 99_999_999_999 },
    /criticality_level: Too big: expected number to be <=2147483647$/,
  ],
  ['the same id twice', { items: [one, one] }, 'cluster file FILE: items[1] (aws:1:r:c): another cluster has this id'],
  ['JSON that ends early', '{"items": [', /^cluster file FILE: .*JSON/],
  [
    'YAML with tabs',
    'clusters:\n- id: a\n\tb: c\n',
    'cluster file FILE:3: yaml: line 3: found a tab character that violates indentation',
  ],
];
for (const [what, document, message] of rows) {
  t.test(`refused: ${what}`, async (t) => {
    const seen = await refusal(t, document);
    if (typeof message === 'string') t.equal(seen, message);
    else t.match(seen, message);
  });
}

t.test('a file that is not there is named', async (t) => {
  await t.rejects(readClusterFile('/nonexistent'), { message: /^cluster file \/nonexistent: ENOENT/, kind: 'missing' });
});
