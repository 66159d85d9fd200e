import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { fileFacts } from '../adapters/facts/file-facts.ts';
import { cluster } from '../domain/cluster.ts';
import { folderOf } from './folder.test-fixture.ts';
import { describeRefusal } from './refusal.ts';
import { configMap, render } from './render-cluster.test-fixture.ts';

const aws = cluster.parse({
  id: 'aws:123456789012:eu-central-1:kube-1',
  alias: 'probe',
  local_id: 'kube-1',
  api_server_url: 'https://kube-1.example.org',
  channel: 'dev',
  provider: 'zalando-aws',
  region: 'eu-central-1',
  infrastructure_account: 'aws:123456789012',
  config_items: { secret: 'aws:kms:aGVsbG8=', etcd_instance_type: 'm5.large' },
  node_pools: [
    { name: 'workers', profile: 'worker', instance_types: ['m5.large'], max_size: 3 },
    { name: 'masters', profile: 'master-default', instance_types: ['m5.large'], max_size: 2 },
    { name: 'k', profile: 'worker-karpenter' },
  ],
});

const awsFacts = fileFacts(
  {
    vpcId: 'vpc-1',
    vpcCidr: '172.31.0.0/16',
    vpcIpv6Cidrs: [],
    subnets: [
      { id: 'subnet-b', az: 'eu-central-1b', cidr: '172.31.32.0/20', tags: { 'kubernetes.io/role/node': '1' } },
      { id: 'subnet-a', az: 'eu-central-1a', cidr: '172.31.0.0/20', tags: { 'kubernetes.io/role/node': '1' } },
      { id: 'subnet-0', az: 'eu-central-1a', cidr: '172.31.64.0/20', tags: {} },
    ],
    loadBalancerCertificate: 'arn:cert',
    etcdKmsKeyArn: 'arn:key',
    instanceTypes: { 'm5.large': { vcpu: 2, memoryMiB: 8192, architecture: 'amd64', disks: 0, diskSizeGB: 0 } },
    amis: { '1': { image: 'ami-1' } },
    stackOutputs: { Listed: 'listed-value' },
  },
  aws,
);

t.test('a plain local channel: defaults, components in order, deletions', async (t) => {
  const directory = await folderOf(t, {
    'cluster/config-defaults.yaml': 'color: blue\nshape: 0x10\nempty:\n',
    'cluster/manifests/b/one.yaml': configMap(
      'one',
      '{{ .Cluster.ConfigItems.color }} {{ .Cluster.ConfigItems.shape }}',
    ),
    'cluster/manifests/a/two.yml': `# first\n---\n${configMap('two', '[{{ .Cluster.ConfigItems.empty }}]')}---\n# nothing\n---\n${configMap('three', 'x')}`,
    'cluster/manifests/a/empty.yaml': '# nothing here\n',
    'cluster/manifests/a/README.md': 'not read',
    'cluster/manifests/a/sub/folder.yaml': 'not: read',
    'cluster/manifests/loose.yaml': 'not: read',
    'cluster/manifests/nothing/empty.yaml': '\n',
    'cluster/manifests/deletions.yaml':
      'pre_apply:\n- {name: old, namespace: kube-system, kind: Deployment}\npost_apply:\n- {kind: Pod, labels: {app: x}, grace_period_seconds: 5}\n',
  });
  const rendered = await render(t, directory);
  t.strictSame(rendered.refusals, []);
  t.strictSame(
    rendered.components.map(({ name, manifests }) => [
      name,
      manifests.map(({ object, file, line }) => [object.metadata.name, file, line]),
    ]),
    [
      [
        'a',
        [
          ['two', 'manifests/a/two.yml', 3],
          ['three', 'manifests/a/two.yml', 13],
        ],
      ],
      ['b', [['one', 'manifests/b/one.yaml', 1]]],
    ],
  );
  t.strictSame(rendered.components[1]?.manifests[0]?.object.data, { value: 'red 0x10' });
  t.strictSame(rendered.deletions, {
    preApply: [{ kind: 'Deployment', namespace: 'kube-system', name: 'old' }],
    postApply: [{ kind: 'Pod', labels: { app: 'x' }, gracePeriodSeconds: 5 }],
  });
  t.match(rendered.version, /^<dir>#[\w-]{27}$/);
  t.strictSame([...rendered.files.keys()].sort(), [
    'config-defaults.yaml',
    'manifests/a/empty.yaml',
    'manifests/a/two.yml',
    'manifests/b/one.yaml',
    'manifests/nothing/empty.yaml',
  ]);
});

t.test('the folder itself may be what cluster/ is in a repository', async (t) => {
  const directory = await folderOf(t, { 'manifests/a/one.yaml': configMap('one', '1') });
  const rendered = await render(t, directory);
  t.strictSame(rendered.refusals, []);
  t.equal(rendered.components[0]?.manifests[0]?.file, 'manifests/a/one.yaml');
});

t.test('every refusal is told at once, with its place, the line, a caret and what would be right', async (t) => {
  const directory = await folderOf(t, {
    'cluster/manifests/a/missing.yaml': 'a: 1\nb: "{{ .Cluster.ConfigItems.nope }}"\n',
    'cluster/manifests/a/tab.yaml': 'apiVersion: v1\nkind: A\nmetadata:\n\tname: x\n',
    'cluster/manifests/b/good.yaml': configMap('good', '1'),
    'cluster/manifests/b/nokind.yaml': 'foo: bar\n',
    'cluster/manifests/deletions.yaml': 'pre_apply:\n- {kind: Pod}\n',
  });
  const { refusals, components } = await render(t, directory);
  t.strictSame(refusals.map(describeRefusal), [
    [
      'cluster/manifests/deletions.yaml:2:3: pre_apply[0] (Pod) needs exactly one of name, selector and labels',
      '  - {kind: Pod}',
      '    ^',
    ].join('\n'),
    [
      'cluster/manifests/a/missing.yaml:2:16: template: main/cluster/manifests/a/missing.yaml:2:15: executing "main/cluster/manifests/a/missing.yaml" at <.Cluster.ConfigItems.nope>: map has no entry for key "nope"',
      '  b: "{{ .Cluster.ConfigItems.nope }}"',
      '                 ^',
      'give nope a default in config-defaults.yaml, or set it as a config item of the cluster',
    ].join('\n'),
    [
      'cluster/manifests/a/tab.yaml:4:1: yaml: line 4: found character that cannot start any token',
      '   name: x',
      '  ^',
      'indent with spaces, and quote values that begin with a tab, @, ` or %',
    ].join('\n'),
    [
      'cluster/manifests/b/nokind.yaml:1:1: unsupported manifest, expecting kind/apiVersion/metadata.name for Kubernetes',
      '  foo: bar',
      '  ^',
      'every document of a manifest needs kind, apiVersion and metadata.name',
    ].join('\n'),
  ]);
  t.strictSame(
    components.map((component) => component.name),
    ['b'],
  );
});

t.test('a file that needs a fact which is not there is told so', async (t) => {
  const directory = await folderOf(t, { 'cluster/manifests/a/net.yaml': 'a: {{ .Values.vpc_ipv4_cidr }}\n' });
  const { refusals } = await render(t, directory);
  t.equal(
    refusals[0]?.hint,
    "cluster local:a has no network: it does not run in a cloud; give the facts in a file, or don't use them in its templates",
  );
});

t.test('nothing outside of the repository is read', async (t) => {
  const outside = await folderOf(t, { 'secret.yaml': configMap('secret', 'top secret') });
  const directory = await folderOf(t, {
    'cluster/shared/one.yaml': configMap('one', '1'),
    'cluster/manifests/a/real.yaml': configMap('real', '1'),
    'cluster/node-pools/worker/stack.yaml': 'x',
  });
  await symlink(join(outside, 'secret.yaml'), join(directory, 'cluster/manifests/a/out.yaml'));
  await symlink('../../shared/one.yaml', join(directory, 'cluster/manifests/a/in.yaml'));
  await symlink(outside, join(directory, 'cluster/manifests/linked'));
  await symlink('/dev/zero', join(directory, 'cluster/manifests/a/zero.yaml'));
  const { refusals, components } = await render(t, directory);
  t.strictSame(refusals.map(describeRefusal), [
    'cluster/manifests/a/out.yaml: cluster/manifests/a/out.yaml is a symlink that leads out of the repository; put what it leads to inside',
    'cluster/manifests/a/zero.yaml: cluster/manifests/a/zero.yaml is a symlink that leads out of the repository; put what it leads to inside',
  ]);
  t.strictSame(
    components.map(({ name, manifests }) => [name, manifests.map(({ object }) => object.metadata.name)]),
    [['a', ['one', 'real']]],
  );
});

t.test('bytes that are no UTF-8 and NUL are refused in manifests', async (t) => {
  const directory = await folderOf(t, {
    'cluster/manifests/a/nul.yaml': `${configMap('nul', '1')}x: a\0b\n`,
    'cluster/manifests/a/latin.yaml': Buffer.from(`${configMap('latin', '1')}x: \xff\n`, 'latin1'),
  });
  const { refusals } = await render(t, directory);
  t.strictSame(
    refusals.map(({ file, line, message }) => [file, line, message]),
    [
      ['cluster/manifests/a/latin.yaml', 8, 'yaml: invalid leading UTF-8 octet'],
      ['cluster/manifests/a/nul.yaml', 8, 'yaml: control characters are not allowed'],
    ],
  );
});

t.test('huge files and endless templates end in a refusal', async (t) => {
  const directory = await folderOf(t, {
    'cluster/manifests/a/big.yaml': Buffer.alloc(16 * 1024 * 1024 + 1, 'a'),
    'cluster/manifests/a/endless.yaml': '{{ define "x" }}{{ template "x" }}{{ end }}{{ template "x" }}',
    'cluster/manifests/a/good.yaml': configMap('good', '1'),
  });
  const { refusals, components } = await render(t, directory);
  t.equal(refusals.length, 2);
  t.equal(refusals[0]?.message, 'cluster/manifests/a/big.yaml has 16777217 bytes; a file may have at most 16777216');
  t.match(refusals[1]?.message, /exceeded maximum template depth/);
  t.equal(components[0]?.manifests.length, 1);
});

t.test('stacks, archives and node pools of a cluster in AWS', async (t) => {
  const files = `files:\n- {path: /etc/a, data: ${Buffer.from('hello').toString('base64')}, permissions: 420}\n- {path: /etc/key, data: eA==, encrypted: true}\n`;
  const directory = await folderOf(t, {
    'cluster/config-defaults.yaml': 'from_default: "1"\n',
    'cluster/cluster.yaml': 'Outputs:\n  Unlisted: {Value: x}\nPath: {{ .Values.S3GeneratedFilesPath }}\n',
    'cluster/etcd/files.yaml': 'files: []\n',
    'cluster/etcd/stack.yaml': 'key: {{ .Values.etcd_kms_key_arn }}\n',
    'cluster/manifests/a/one.yaml': configMap(
      'one',
      '{{ .Values.ClusterStackOutputs.Unlisted }} {{ .Values.ClusterStackOutputs.Listed }} {{ .Cluster.ConfigItems.secret }} {{ .Cluster.ConfigItems.subnets }} {{ amiID "image" "1" }} {{ .Values.hosted_zone }}',
    ),
    'cluster/node-pools/worker/files.yaml': files,
    'cluster/node-pools/worker/userdata.yaml': 'pool: {{ .NodePool.Name }} {{ .NodePool.ConfigItems.from_default }}\n',
    'cluster/node-pools/worker/stack.yaml': 'UserData: {{ .Values.UserData }}\n',
    'cluster/node-pools/worker-karpenter/files.yaml': 'files: []\n',
    'cluster/node-pools/worker-karpenter/userdata.yaml': 'plain\n',
    'cluster/node-pools/worker-karpenter/provisioners.yaml':
      'apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: k}\nuserData: |\n  {{ .Values.UserData }}\n',
  });
  await symlink('worker', join(directory, 'cluster/node-pools/master-default'));
  const rendered = await render(t, directory, aws, awsFacts);
  t.strictSame(rendered.refusals, []);
  t.strictSame(
    rendered.stacks.map(({ kind, name }) => [kind, name]),
    [
      ['etcd', 'etcd-cluster-etcd'],
      ['cluster', 'kube-1'],
      ['node-pool', 'nodepool-masters-aws-123456789012-eu-central-1-kube-1'],
      ['node-pool', 'nodepool-workers-aws-123456789012-eu-central-1-kube-1'],
    ],
  );
  t.match(
    rendered.files.get('cluster.yaml'),
    /Path: s3:\/\/cluster-lifecycle-manager-123456789012-eu-central-1\/kube-1\/etcd\/[0-9a-f]{128}\.userdata\n/,
  );
  t.equal(rendered.files.get('etcd/stack.yaml'), 'key: arn:key\n');
  t.strictSame(rendered.components[0]?.manifests[0]?.object.data, {
    value: 'arn:aws:stub:eu-central-1:123456789012:Unlisted listed-value hello subnet-a,subnet-b ami-1 example.org',
  });
  t.match(rendered.files.get('node-pools/workers/stack.yaml'), /^UserData: USERDATA-SHA256-[0-9a-f]{64}\n$/);
  t.match(rendered.stacks[3]?.template, /^UserData: H4sI[\w+/=]+\n$/);
  t.strictSame(
    rendered.archives.map(({ key, encryptionKey, entries }) => [
      key.replace(/[0-9a-f]{128}/, 'HASH'),
      encryptionKey,
      entries.length,
    ]),
    [
      ['kube-1/etcd/HASH.userdata', undefined, 0],
      ['kube-1/master/HASH.userdata', 'arn:aws:stub:eu-central-1:123456789012:MasterFilesEncryptionKey', 2],
      ['kube-1/worker/HASH.userdata', 'arn:aws:stub:eu-central-1:123456789012:WorkerFilesEncryptionKey', 2],
      ['kube-1/worker/HASH.userdata', undefined, 0],
    ],
  );
  t.strictSame(rendered.karpenterPools[0]?.manifests[0]?.object.userData, 'plain\n');
});

t.test('a node pool without its profile is refused with the profiles that there are', async (t) => {
  const directory = await folderOf(t, { 'cluster/node-pools/worker/stack.yaml': 'x' });
  const pool = { ...aws, node_pools: aws.node_pools.filter(({ name }) => name === 'masters') };
  const { refusals } = await render(t, directory, pool, awsFacts);
  t.equal(
    refusals[0] && describeRefusal(refusals[0]),
    'cluster/node-pools/master-default/files.yaml: no such file, and node pool masters has profile master-default\nadd cluster/node-pools/master-default/files.yaml, or give node pool masters another profile (there are worker)',
  );
});
