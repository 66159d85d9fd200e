import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { extract } from 'tar-stream';
import { describeRefusal } from './refusal.ts';
import { renderSample, type SampleFiles, sampleCluster } from './render-sample.test-fixture.ts';
import { packArchive, readArchiveEntries } from './user-data.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const worker = { name: 'w', profile: 'worker', instance_types: ['m5.large'] };
const pool: SampleFiles = {
  'cluster/node-pools/worker/files.yaml': 'files: []\n',
  'cluster/node-pools/worker/userdata.yaml': 'data of {{ .NodePool.Name }}',
  'cluster/node-pools/worker/stack.yaml': 'x: {{ .Values.UserData }}',
  'cluster/node-pools/worker-karpenter/files.yaml': 'files: []\n',
  'cluster/node-pools/worker-karpenter/userdata.yaml': 'plain',
  'cluster/node-pools/worker-karpenter/provisioners.yaml':
    'apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: "{{ .NodePool.Name }}"}\n',
};

t.test('files.yaml is read strictly, as Go reads it', async (t) => {
  const read = (text: string) => {
    try {
      return readArchiveEntries(text).map(({ data, ...entry }) => ({ ...entry, data: data.toString() }));
    } catch (error) {
      return error instanceof Error ? error.message.replaceAll(/struct \{.*?\}/g, 'STRUCT') : error;
    }
  };
  const entry = { path: '/a', data: 'hello', encrypted: false, permissions: 0 };
  const rows: [string, unknown][] = [
    ['', []],
    ['files:\n', []],
    ['# nothing\n', []],
    [`files: [{path: /a, data: ${base64('hello')}}]`, [entry]],
    [
      `files:\n- path: 12\n  data: aGVs\\\n\n  encrypted: yes\n`.replace('\\\n', '\n    bG8=\n'),
      'failed to decode data for file: 12',
    ],
    ['files:\n- path: /a\n  data: |\n    aGVs\n    bG8=\n  permissions: 0644\n', [{ ...entry, permissions: 420 }]],
    ['files: [{path: /a, data: aGVsbG9=}]', [entry]],
    ['files: [{path: /a, data: aGVsbG8}]', 'failed to decode data for file: /a'],
    ['files: [{path: /a, data: eB==}]', [{ ...entry, data: 'x' }]],
    ['files: [{path: 0x10, data: , encrypted: on}]', [{ path: '0x10', data: '', encrypted: true, permissions: 0 }]],
    ['a: &a {path: /a}\n', 'yaml: unmarshal errors:\n  line 1: field a not found in type provisioner.remoteData'],
    ['files:\n- {path: /a, mode: 1}\n', 'yaml: unmarshal errors:\n  line 2: field mode not found in type STRUCT'],
    ['files:\n- path: /a\n  path: /b\n', 'yaml: unmarshal errors:\n  line 3: field path already set in type STRUCT'],
    [
      'files:\n- path: [x]\n  encrypted: "true"\n  permissions: rw\n',
      'yaml: unmarshal errors:\n  line 2: cannot unmarshal !!seq into string\n  line 3: cannot unmarshal !!str `true` into bool\n  line 4: cannot unmarshal !!str `rw` into int64',
    ],
    ['files: {}\n', 'yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into []STRUCT'],
    ['- a\n', 'yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into provisioner.remoteData'],
    ['files: [&f {path: /a, data: aGVsbG8=}, *f, {<<: *f, path: /b}]', [entry, entry, { ...entry, path: '/b' }]],
  ];
  for (const [text, seen] of rows) t.strictSame(read(text), seen, text);
});

t.test('an archive has the files in order, their modes, no times, the encrypted ones under another name', async (t) => {
  const entries = [
    { path: '/etc/a', data: Buffer.from('hello'), encrypted: false, permissions: 0o644 },
    { path: 'key', data: Buffer.from('secret'), encrypted: true, permissions: 0 },
  ];
  const pack = () => packArchive(entries, async (data) => Buffer.from(data.toString().toUpperCase()));
  const packed = await pack();
  t.strictSame(packed, await pack());
  const tar = gunzipSync(packed);
  t.equal(tar.subarray(257, 265).toString('latin1'), 'ustar\x0000');
  const seen: unknown[] = [];
  for await (const entry of Readable.from([tar]).pipe(extract())) {
    const { name, mode, mtime, uid, gid, type } = entry.header;
    seen.push([name, mode, mtime?.getTime(), uid, gid, type, (await buffer(entry)).toString()]);
  }
  t.strictSame(seen, [
    ['/etc/a', 0o644, 0, 0, 0, 'file', 'hello'],
    ['key.enc', 0, 0, 0, 0, 'file', 'SECRET'],
  ]);
});

t.test('a refused files.yaml does not hide what is wrong with the rest of the pool and of etcd', async (t) => {
  const cluster = sampleCluster({ config_items: { etcd_instance_type: 'm5.large' }, node_pools: [worker] });
  const { refusals, files } = await renderSample(t, {
    cluster,
    files: {
      ...pool,
      'cluster/etcd/files.yaml': '{{ .Cluster.Nope }}',
      'cluster/etcd/stack.yaml': 'etcd: {{ .Values.S3GeneratedFilesPath }}',
      'cluster/cluster.yaml': 'cluster: {{ .Values.S3GeneratedFilesPath }}',
      'cluster/manifests/x/y.yaml': '{{ .Cluster.Nope }}',
      'cluster/node-pools/worker/files.yaml': 'more: 1\n',
      'cluster/node-pools/worker/userdata.yaml': '{{ .NodePool.Nope }}',
      'cluster/node-pools/worker/stack.yaml': '{{ .Values.UserData }} {{ .Values.Nope }}',
    },
  });
  t.strictSame(
    refusals.map(({ output }) => output),
    [
      'etcd/files.yaml',
      'manifests/x/y.yaml',
      'node-pools/w/files.yaml',
      'node-pools/w/userdata.yaml',
      'node-pools/w/stack.yaml',
    ],
  );
  t.ok(files.has('etcd/stack.yaml') && files.has('cluster.yaml'));
});

t.test('what a cluster lacks for etcd is told, and does not stop the rest', async (t) => {
  const files = {
    'cluster/etcd/files.yaml': 'files: []\n',
    'cluster/etcd/stack.yaml': 'a: {{ .Values.etcd_kms_key_arn }}',
    'cluster/cluster.yaml': 'x: 1\n',
  };
  const without = await renderSample(t, { files });
  t.strictSame(without.refusals.map(describeRefusal), [
    'cluster/etcd/files.yaml: config item etcd_instance_type is not set\nset etcd_instance_type to a known type',
  ]);
  t.strictSame([...without.files.keys()], ['etcd/stack.yaml', 'cluster.yaml']);
  const cluster = sampleCluster({ config_items: { etcd_instance_type: 'x9.huge', etcd_stack_name: 'my-etcd' } });
  const { refusals, stacks } = await renderSample(t, { cluster, files, facts: { etcdKmsKeyArn: undefined } });
  t.strictSame(
    refusals.map(({ output, message, hint }) => [output, message.replace(/^.*>: /, ''), hint]),
    [
      ['etcd/files.yaml', 'unknown instance type: x9.huge', 'set etcd_instance_type to a known type'],
      ['etcd/stack.yaml', 'map has no entry for key "etcd_kms_key_arn"', 'the facts file does not give etcdKmsKeyArn'],
    ],
  );
  t.strictSame(
    stacks.map(({ name }) => name),
    ['kube-1'],
  );
});

t.test('an instance type that is not known refuses its pool, not the others', async (t) => {
  const node_pools = [
    { ...worker, name: 'bad', instance_types: ['m5.large', 'x9.huge'] },
    { ...worker, name: 'none', instance_types: [] },
    worker,
  ];
  const { refusals, stacks } = await renderSample(t, { cluster: sampleCluster({ node_pools }), files: pool });
  t.strictSame(
    refusals.map(({ output, message }) => [output, message]),
    [
      ['node-pools/bad', 'unknown instance type: x9.huge'],
      ['node-pools/none', 'no instance types provided'],
    ],
  );
  t.strictSame(
    stacks.map(({ name }) => name),
    ['nodepool-w-aws-123456789012-eu-central-1-kube-1'],
  );
});

t.test('masters come first, Karpenter pools last and only if they render to something', async (t) => {
  const node_pools = [
    { name: 'k', profile: 'worker-karpenter' },
    worker,
    { name: 'm', profile: 'master-default', instance_types: ['m5.large'] },
  ];
  const { stacks, karpenterPools } = await renderSample(t, {
    cluster: sampleCluster({ node_pools }),
    files: { ...pool, 'cluster/node-pools/master-default': '-> worker' },
  });
  t.strictSame(
    stacks.map(({ tags }) => tags),
    ['m', 'w'].map((name) => ({
      'kubernetes.io/cluster/aws:123456789012:eu-central-1:kube-1': 'owned',
      'kubernetes.io/role/node-pool': 'true',
      'kubernetes.io/node-pool': name,
      NodePool: name,
      'kubernetes.io/node-pool/profile': name === 'm' ? 'master-default' : 'worker',
    })),
  );
  t.strictSame(
    karpenterPools.map(({ name, manifests }) => [name, manifests.map(({ object }) => object.metadata.name)]),
    [['node-pools/k', ['k']]],
  );
  const nothing = { ...pool, 'cluster/node-pools/worker-karpenter/provisioners.yaml': '{{ if false }}x{{ end }}' };
  const empty = await renderSample(t, {
    cluster: sampleCluster({ node_pools: node_pools.slice(0, 1) }),
    files: nothing,
  });
  t.strictSame([empty.refusals, empty.karpenterPools], [[], []]);
});

t.test('files that are encrypted need the key of the stack outputs', async (t) => {
  const encrypted = {
    ...pool,
    'cluster/node-pools/worker/files.yaml': 'files: [{path: a, data: eA==, encrypted: true}]',
  };
  const cluster = sampleCluster({ node_pools: [worker] });
  const { archives } = await renderSample(t, {
    cluster,
    files: encrypted,
    facts: { stackOutputs: { WorkerFilesEncryptionKey: 'arn:worker' } },
  });
  t.strictSame(
    archives.map(({ bucket, encryptionKey }) => [bucket, encryptionKey]),
    [['cluster-lifecycle-manager-123456789012-eu-central-1', 'arn:worker']],
  );
});
