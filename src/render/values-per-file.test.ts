import { createHash } from 'node:crypto';
import t from 'tap';
import { renderProbe, renderSample, type SampleFiles, sampleCluster } from './render-sample.test-fixture.ts';
import { textOf } from './template/byte-string.ts';

const cluster = sampleCluster({
  config_items: { etcd_instance_type: 't2.micro' },
  node_pools: [
    { name: 'w', profile: 'worker', instance_types: ['m6gd.xlarge', 'm5.large'] },
    { name: 'm', profile: 'master-default', instance_types: ['t2.micro'] },
    { name: 'k', profile: 'worker-karpenter' },
  ],
});
const profile = (name: string, last: string, content: string): SampleFiles => ({
  [`cluster/node-pools/${name}/files.yaml`]: `files: []\n# ${content}`,
  [`cluster/node-pools/${name}/userdata.yaml`]: content,
  [`cluster/node-pools/${name}/${last}`]: `# ${content}`,
});

/** Every file of a repository, each with the same template in it. */
function everywhere(content: string): SampleFiles {
  return {
    'cluster/config-defaults.yaml': `# ${content}`,
    'cluster/etcd/files.yaml': `files: []\n# ${content}`,
    'cluster/etcd/stack.yaml': content,
    'cluster/cluster.yaml': `# ${content}`,
    'cluster/cf-manifests/a.yaml': `Metadata: {StackName: a}\n# ${content}`,
    'cluster/manifests/x/a.yaml': `# ${content}`,
    ...profile('worker', 'stack.yaml', content),
    ...profile('master-default', 'stack.yaml', content),
    ...profile('worker-karpenter', 'provisioners.yaml', content),
  };
}

const network =
  'availability_zones hosted_zone internal_node_subnets lb_subnets load_balancer_certificate pod_subnets subnet_ipv6_cidrs subnets vpc_ipv4_cidr vpc_ipv6_cidrs'.split(
    ' ',
  );
const etcd = ['etcd_instance_type_info', 'etcd_kms_key_arn'];

t.test('which values each file sees', async (t) => {
  const rendered = await renderSample(t, {
    cluster,
    files: everywhere('{{ range $key, $value := .Values }}{{ $key }} {{ end }}'),
  });
  t.strictSame(rendered.refusals, []);
  const seen = (path: string) =>
    textOf(rendered.files.get(path) ?? '')
      .replace(/^[^#]*# /, '')
      .trim()
      .split(' ');
  const keys = (...more: string[]) => [...network, ...etcd, ...more].sort((a, b) => (a < b ? -1 : 1));
  t.equal(rendered.files.get('config-defaults.yaml'), '# ');
  t.strictSame(seen('etcd/files.yaml'), keys());
  t.strictSame(seen('etcd/stack.yaml'), keys('S3GeneratedFilesPath'));
  t.strictSame(seen('cluster.yaml'), keys('S3GeneratedFilesPath'));
  const later = ['S3GeneratedFilesPath', 'ClusterStackOutputs'];
  t.match(rendered.stacks.find(({ kind }) => kind === 'manifest')?.template, ` ${keys(...later).join(' ')} `.trim());
  t.strictSame(seen('manifests/x/a.yaml'), keys(...later));
  const ofPool = [...later, 'InstanceInfo', 'supports_t2_unlimited'];
  for (const pool of ['w', 'm']) {
    t.strictSame(seen(`node-pools/${pool}/files.yaml`), keys(...ofPool));
    t.strictSame(seen(`node-pools/${pool}/userdata.yaml`), keys(...ofPool));
    t.strictSame(seen(`node-pools/${pool}/stack.yaml`), keys(...ofPool, 'UserData'));
  }
  t.strictSame(seen('node-pools/k/files.yaml'), keys(...later));
  t.strictSame(seen('node-pools/k/provisioners.yaml'), keys(...later, 'UserData'));
});

t.test('deletions see what is known of the network', async (t) => {
  const template = 'pre_apply:\n- {kind: A, name: "{{ len .Values }} {{ .Values.hosted_zone }}"}\n';
  const { deletions, stackDeletions } = await renderSample(t, {
    files: {
      'cluster/manifests/deletions.yaml': template,
      'cluster/cf-manifests/cf-deletions.yaml': 'post_apply: [{stackName: "{{ len .Values }}"}]',
    },
  });
  t.strictSame(deletions, { preApply: [{ kind: 'A', name: '10 example.org' }], postApply: [] });
  t.strictSame(stackDeletions, { preApply: [], postApply: ['10'] });
});

t.test("S3GeneratedFilesPath is etcd's, in a pool from its user data on the pool's", async (t) => {
  const { files } = await renderSample(t, { cluster, files: everywhere('{{ index .Values "S3GeneratedFilesPath" }}') });
  const pathOf = (kind: string, file: string) => {
    const hash = createHash('sha512')
      .update(files.get(file) ?? '')
      .digest('hex');
    return `s3://cluster-lifecycle-manager-123456789012-eu-central-1/kube-1/${kind}/${hash}.userdata`;
  };
  const ofEtcd = pathOf('etcd', 'etcd/files.yaml');
  t.equal(files.get('etcd/files.yaml'), 'files: []\n# <no value>');
  t.equal(files.get('etcd/stack.yaml'), ofEtcd);
  for (const file of ['cluster.yaml', 'manifests/x/a.yaml', 'node-pools/w/files.yaml']) {
    t.ok(files.get(file)?.endsWith(`# ${ofEtcd}`), file);
  }
  for (const [pool, kind] of [
    ['w', 'worker'],
    ['m', 'master'],
    ['k', 'worker'],
  ] as const) {
    t.equal(files.get(`node-pools/${pool}/userdata.yaml`), pathOf(kind, `node-pools/${pool}/files.yaml`));
  }
});

t.test('user data: plain for Karpenter, for others a digest in what is shown', async (t) => {
  const { files, stacks } = await renderSample(t, {
    cluster,
    files: {
      ...everywhere('x'),
      'cluster/node-pools/worker/stack.yaml': '{{ .Values.UserData }}',
      'cluster/node-pools/worker-karpenter/provisioners.yaml': '# {{ .Values.UserData }}',
    },
  });
  const digest = createHash('sha256').update('x').digest('hex');
  t.equal(files.get('node-pools/w/stack.yaml'), `USERDATA-SHA256-${digest}`);
  t.equal(files.get('node-pools/k/provisioners.yaml'), '# x');
  t.match(stacks.find(({ name }) => name.startsWith('nodepool-w-'))?.template, /^H4sI/);
});

t.test('instances: each number its own minimum, the architecture of the first', async (t) => {
  const see = (template: string) =>
    renderProbe(t, template, {
      cluster,
      files: everywhere(''),
      as: 'cluster/node-pools/worker/userdata.yaml',
      output: 'node-pools/w/userdata.yaml',
    });
  t.equal(await see('{{ .Values.InstanceInfo }}'), '{<multiple> 2 8589934592 0 0 arm64}');
  t.equal(await see('{{ .Values.etcd_instance_type_info }}'), '{t2.micro 1 1073741824 0 0 amd64}');
  t.equal(
    await see('{{ .Values.supports_t2_unlimited }} {{ printf "%T" .Values.InstanceInfo }}'),
    'false aws.Instance',
  );
  t.equal(
    await see('{{ with .Values.InstanceInfo }}{{ printf "%T %T %T" .InstanceType .VCPU .Memory }}{{ end }}'),
    'types.InstanceType int32 int64',
  );
  t.equal(await see('{{ .Values.InstanceInfo.MemoryFraction 33 }}'), '2834678415');
  t.equal(await see('{{ .Values.InstanceInfo.AvailableStorage 0.95 1001 0.5 }}'), '500');
  t.match(await see('{{ .Values.InstanceInfo.Nope }}'), /can't evaluate field Nope in type interface \{\}$/);
});

t.test('storage of an instance with disks', async (t) => {
  const one = sampleCluster({ node_pools: [{ name: 'w', profile: 'worker', instance_types: ['m6gd.xlarge'] }] });
  const see = (template: string) =>
    renderProbe(t, template, {
      cluster: one,
      files: everywhere(''),
      as: 'cluster/node-pools/worker/userdata.yaml',
      output: 'node-pools/w/userdata.yaml',
    });
  t.equal(await see('{{ .Values.InstanceInfo }}'), '{m6gd.xlarge 4 17179869184 2 237000000000 arm64}');
  t.equal(await see('{{ .Values.InstanceInfo.AvailableStorage 0.95 100 0.5 }}'), '450300000000');
  t.equal(await see('{{ .Values.InstanceInfo.AvailableStorage 1e300 100 0.5 }}'), '-9223372036854775808');
});

t.test('only where all types are t2, unlimited t2 is supported', async (t) => {
  const of = (...instance_types: string[]) =>
    renderProbe(t, '{{ .Values.supports_t2_unlimited }}', {
      cluster: sampleCluster({ node_pools: [{ name: 'w', profile: 'worker', instance_types }] }),
      files: everywhere(''),
      as: 'cluster/node-pools/worker/userdata.yaml',
      output: 'node-pools/w/userdata.yaml',
    });
  t.equal(await of('t2.micro'), 'true');
  t.equal(await of('t2.micro', 'm5.large'), 'false');
});

t.test('stack outputs: those listed, and those of cluster.yaml', async (t) => {
  const files = { 'cluster/cluster.yaml': 'Outputs:\n  Own: {Value: !Ref X}\n  Listed: {Value: !GetAtt X.Arn}\n' };
  const see = (template: string) => renderProbe(t, template, { files, as: 'cluster/manifests/x/a.yaml' });
  t.equal(
    await see('{{ .Values.ClusterStackOutputs }} {{ printf "%T" .Values.ClusterStackOutputs }}'),
    'map[Listed:listed-value Own:arn:aws:stub:eu-central-1:123456789012:Own] map[string]string',
  );
  t.match(await see('{{ .Values.ClusterStackOutputs.Nope }}'), /map has no entry for key "Nope"$/);
});

t.test('without etcd its values are missing; on EKS there is none, and no masters', async (t) => {
  t.match(await renderProbe(t, '{{ .Values.etcd_kms_key_arn }}'), /map has no entry for key "etcd_kms_key_arn"$/);
  const eks = { ...cluster, provider: 'zalando-eks' };
  const { files } = await renderSample(t, { cluster: eks, files: everywhere('x') });
  t.strictSame(
    [...files.keys()].filter((file) => file.startsWith('etcd/') || file.startsWith('node-pools/m/')),
    [],
  );
  t.ok(files.has('node-pools/w/stack.yaml'));
});

t.test('instance types are unknown to cf-manifests', async (t) => {
  t.match(
    await renderProbe(t, '{{ instanceTypeCPUQuantity "m5.large" }}', { as: 'cluster/cf-manifests/a.yaml' }),
    /error calling instanceTypeCPUQuantity: runtime error: invalid memory address or nil pointer dereference$/,
  );
});
