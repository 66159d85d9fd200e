import t from 'tap';
import { renderProbe, sampleCluster } from './render-sample.test-fixture.ts';

const pools = [
  { name: 'w', profile: 'worker-splitaz', instance_types: ['m5.large', 't2.micro'], min_size: 3, max_size: 9 },
  { name: 'm', profile: 'master-default', instance_types: ['m5.large'], discount_strategy: 'spot_max_price' },
  { name: 'k', profile: 'worker-karpenter' },
];
const owned = sampleCluster({
  node_pools: pools,
  owner: 'team',
  account_name: 'account',
  created_at: '2020-01-01T00:00:00Z',
  config_items: { a: 'x', override_channel: 'main=beta,extra=alpha' },
  status: { current_version: 'c', last_version: 'l' },
});

/** Template → what comes out: the output, or the end of the error's message. */
const rows: [template: string, output: string | RegExp][] = [
  [
    '{{ .Cluster.ID }} {{ .Cluster.Alias }} {{ .Cluster.LocalID }}',
    'aws:123456789012:eu-central-1:kube-1 probe kube-1',
  ],
  ['{{ .Cluster.APIServerURL }} {{ .Cluster.Channel }}', 'https://kube-1.example.org dev'],
  ['{{ .Cluster.Environment }} {{ .Cluster.LifecycleStatus }} {{ .Cluster.Region }}', 'test ready eu-central-1'],
  [
    '{{ .Cluster.Owner }} {{ .Cluster.AccountName }} {{ .Cluster.InfrastructureAccount }}',
    'team account aws:123456789012',
  ],
  ['{{ printf "%T %T" .Cluster.Provider .Cluster.CriticalityLevel }}', 'api.ProviderID int32'],
  ['{{ eq .Cluster.Provider "zalando-aws" }} {{ print .Cluster.Provider }}', 'true zalando-aws'],
  ['{{ hasPrefix .Cluster.Provider "z" }}', /wrong type for value; expected string; got api\.ProviderID$/],
  ['{{ eq .Cluster.CriticalityLevel 2 }}', 'true'],
  ['{{ printf "%T %T" .Cluster.ConfigItems .Values }}', 'map[string]string map[string]interface {}'],
  ['{{ printf "%T %T" .Cluster . }}', '*api.Cluster *provisioner.templateData'],
  ['{{ printf "%T" .Cluster.NodePools }} {{ printf "%T" .Cluster.AccountClusters }}', '[]*api.NodePool []*api.Cluster'],
  ['{{ range .Cluster.NodePools }}{{ .Name }}{{ end }}', 'wmk'],
  [
    '{{ range .Cluster.KarpenterPools }}{{ .Name }}{{ end }} {{ range .Cluster.ASGBackedPools }}{{ .Name }}{{ end }}',
    'k wm',
  ],
  ['{{ .Cluster.CreatedAt }} {{ .Cluster.CreatedAt.IsZero }}', '0001-01-01 00:00:00 +0000 UTC true'],
  ['{{ .Cluster.Status.CurrentVersion }} {{ .Cluster.Status.LastVersion }}', 'c l'],
  ['{{ .Cluster.Status.NextVersion }}', /^<dir>#[\w-]{27}$/],
  ['{{ printf "%T" .Cluster.Status }} {{ len .Cluster.Status.Problems }}', '*api.ClusterStatus 0'],
  ['{{ .Cluster.Name }} {{ .Cluster.InfrastructureAccountID }}', 'aws:123456789012:eu-central-1:kube-1 123456789012'],
  ['{{ .Cluster.WorkerRoleARN }}', 'arn:aws:iam::123456789012:role/kube-1-worker'],
  ['{{ .Cluster.OIDCProvider }} {{ .Cluster.OIDCSubjectKey }}', 'kube-1.example.org kube-1.example.org:sub'],
  ['{{ .Cluster.OIDCProviderARN }}', 'arn:aws:iam::123456789012:oidc-provider/kube-1.example.org'],
  ['{{ .Cluster.ChannelOverrides }}', 'map[extra:alpha main:beta]'],
  ['{{ .Cluster.SiblingCluster }} {{ .Cluster.IsOldestReadyClusterInTheRegion }}', '<nil> true'],
  ['{{ .Cluster.SiblingCluster.ID }}', /nil pointer evaluating \*api\.Cluster\.ID$/],
  ['{{ .NodePool }}', '<nil>'],
  ['{{ .NodePool.Name }}', /nil pointer evaluating \*api\.NodePool\.Name$/],
  ['{{ .Nope }}', /can't evaluate field Nope in type \*provisioner\.templateData$/],
  ['{{ .Cluster.Nope }}', /can't evaluate field Nope in type \*api\.Cluster$/],
  ['{{ .Cluster.Status.Nope }}', /can't evaluate field Nope in type \*api\.ClusterStatus$/],
  ['{{ range .Cluster.NodePools }}{{ .Nope }}{{ end }}', /can't evaluate field Nope in type \*api\.NodePool$/],
  ['{{ .Cluster.CA }}', /can't evaluate field CA in type \*api\.Cluster$/],
  ['{{ .Cluster.ConfigItems.nope }}', /map has no entry for key "nope"$/],
  ['[{{ index .Cluster.ConfigItems "nope" }}]', '[]'],
  ['{{ .Values.nope }}', /map has no entry for key "nope"$/],
  ['{{ index .Values "nope" }}', '<no value>'],
  [
    '{{ with index .Cluster.NodePools 0 }}{{ printf "%T %T %T" .MinSize .InstanceTypes .InstanceType }}{{ end }}',
    'int64 []types.InstanceType types.InstanceType',
  ],
  ['{{ range .Cluster.NodePools }}{{ .InstanceType }};{{ end }}', 'm5.large;m5.large;;'],
  [
    '{{ range .Cluster.NodePools }}{{ .IsSpot }} {{ .IsMaster }} {{ .IsKarpenter }};{{ end }}',
    'false false false;true true false;false false true;',
  ],
  [
    '{{ instanceTypeCPUQuantity .Cluster.ConfigItems.a }}',
    /wrong type for value; expected types\.InstanceType; got string$/,
  ],
  ['{{ instanceTypeCPUQuantity "m5.large" }} {{ instanceTypeMemoryQuantity "t2.micro" }}', '2 1Gi'],
  [
    '{{ range .Cluster.NodePools }}{{ range .InstanceTypes }}{{ instanceTypeMemoryQuantity . }} {{ end }}{{ end }}',
    '8Gi 1Gi 8Gi ',
  ],
  [
    '{{ instanceTypeCPUQuantity "x9.huge" }}',
    /error calling instanceTypeCPUQuantity: unknown instance type: x9\.huge$/,
  ],
];

for (const [template, output] of rows) {
  t.test(template, async (t) => {
    const seen = await renderProbe(t, template, { cluster: owned });
    if (typeof output === 'string') t.equal(seen, output);
    else t.match(seen, output);
  });
}

t.test('the default for owner and account name is no text', async (t) => {
  t.equal(await renderProbe(t, '[{{ .Cluster.Owner }}{{ .Cluster.AccountName }}]'), '[]');
});

t.test('which strategy a Karpenter pool has for its instance types', async (t) => {
  const strategies: [string[], string][] = [
    [[], 'not-specified'],
    [['not-specified'], 'not-specified'],
    [['default-for-karpenter'], 'default-for-karpenter'],
    [['m5.large'], 'custom'],
    [['default-for-karpenter', 'm5.large'], 'custom'],
  ];
  for (const [instance_types, strategy] of strategies) {
    const cluster = sampleCluster({ node_pools: [{ name: 'k', profile: 'worker-karpenter', instance_types }] });
    const template = '{{ range .Cluster.NodePools }}{{ .KarpenterInstanceTypeStrategy }}{{ end }}';
    t.equal(await renderProbe(t, template, { cluster }), strategy);
  }
});

t.test('taints and requirements of a pool', async (t) => {
  const taints = ',k,k:NoSchedule,k=v:PreferNoSchedule,k=:NoExecute,k=v,a=b=c:NoSchedule,k:Nope, x:NoExecute';
  const requirements = '- {key: a, operator: In, values: [x, 1], more: 1}\n- {key: b, operator: Exists}\n- nope\n';
  const cluster = sampleCluster({
    node_pools: [{ name: 'k', profile: 'worker-karpenter', config_items: { taints, requirements } }],
  });
  const see = (template: string) => renderProbe(t, `{{ range .Cluster.NodePools }}${template}{{ end }}`, { cluster });
  t.equal(
    await see('{{ range .Taints }}[{{ .Key }}|{{ .Value }}|{{ .Effect }}]{{ end }}'),
    '[||][k||][k||NoSchedule][k|v|PreferNoSchedule][k||NoExecute][ x||NoExecute]',
  );
  t.match(await see('{{ with index .Taints 3 }}{{ hasPrefix .Effect "No" }}{{ end }}'), /got v1\.TaintEffect$/);
  t.equal(
    await see('{{ range .KarpenterRequirements }}[{{ .Key }} {{ .Operator }} {{ .Values }}]{{ end }}'),
    '[a In [x 1]][b Exists []]',
  );
  t.match(await see('{{ with index .KarpenterRequirements 0 }}{{ eq .Key "a" }}{{ end }}'), /error calling eq/);
  const bare = sampleCluster({ node_pools: [{ name: 'k', profile: 'worker-karpenter' }] });
  const template = '{{ range .Cluster.NodePools }}{{ len .Taints }}{{ len .KarpenterRequirements }}{{ end }}';
  t.equal(await renderProbe(t, template, { cluster: bare }), '00');
});
