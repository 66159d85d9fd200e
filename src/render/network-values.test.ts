import t from 'tap';
import type { FactsFile } from '../adapters/facts/file-facts.ts';
import { renderProbe, renderSample, sampleCluster } from './render-sample.test-fixture.ts';

const role = (...names: string[]) => Object.fromEntries(names.map((name) => [`kubernetes.io/role/${name}`, '']));
const subnet = (id: string, zone: string, tags: Record<string, string> = {}) => ({
  id,
  az: `eu-central-1${zone}`,
  cidr: '172.31.0.0/20',
  tags,
});

/** Two zones with a subnet per role each, zone c with one that has no role. */
const subnets: FactsFile['subnets'] = [
  subnet('n-b', 'b', role('node')),
  subnet('n-a2', 'a', role('node')),
  subnet('n-a1', 'a', role('node')),
  subnet('l-a', 'a', role('elb')),
  subnet('l-b', 'b', role('elb')),
  subnet('i-a', 'a', role('internal-node')),
  subnet('p-a', 'a', role('pod')),
  subnet('p-b', 'b', role('pod')),
  subnet('z-c', 'c'),
  subnet('a-custom', 'a', { ...role('node', 'elb'), 'zalando.org/custom-subnet': 'true' }),
];
const facts = { subnets };

const rows: [what: string, items: Record<string, string>, template: string, output: string][] = [
  [
    'per zone the one with the role, then the smallest id',
    {},
    '{{ .Values.subnets }} {{ .Values.lb_subnets }}',
    'map[*:n-a1,n-b,z-c eu-central-1a:n-a1 eu-central-1b:n-b eu-central-1c:z-c] map[*:l-a,l-b,z-c eu-central-1a:l-a eu-central-1b:l-b eu-central-1c:z-c]',
  ],
  ['a role that no subnet of a zone has', {}, '{{ index .Values.internal_node_subnets "eu-central-1b" }}', 'l-b'],
  ['pods', {}, '{{ index .Values.pod_subnets "*" }}', 'p-a,p-b,z-c'],
  [
    'zones',
    {},
    '{{ .Values.availability_zones }} {{ printf "%T" .Values.availability_zones }}',
    '[eu-central-1a eu-central-1b eu-central-1c] []string',
  ],
  ['zones count', {}, '{{ azCount .Values.subnets }}', '3'],
  [
    'item availability_zones cuts all but the pods',
    { availability_zones: 'eu-central-1b,eu-central-1x' },
    '{{ .Values.subnets }} {{ .Values.lb_subnets }} {{ index .Values.pod_subnets "*" }} {{ .Values.availability_zones }}',
    'map[*:n-b eu-central-1b:n-b] map[*:l-b eu-central-1b:l-b] p-a,p-b,z-c [eu-central-1b]',
  ],
  [
    'no zone left',
    { availability_zones: 'x' },
    '{{ .Values.subnets }} {{ len .Values.availability_zones }} [{{ .Cluster.ConfigItems.subnets }}]',
    'map[] 0 []',
  ],
  [
    'item subnets: exactly those',
    { subnets: 'n-a2,l-b' },
    '{{ .Values.subnets }} {{ index .Values.lb_subnets "*" }} {{ .Cluster.ConfigItems.subnets }}',
    'map[*:n-a2,l-b eu-central-1a:n-a2 eu-central-1b:l-b] n-a2,l-b n-a2,l-b',
  ],
  [
    'the items that follow from it',
    {},
    '{{ .Cluster.ConfigItems.vpc_id }} {{ .Cluster.ConfigItems.subnets }}',
    'vpc-1 n-a1,n-b,z-c',
  ],
  ['item vpc_id', { vpc_id: 'vpc-9' }, '{{ .Cluster.ConfigItems.vpc_id }}', 'vpc-9'],
  [
    'addresses',
    {},
    '{{ .Values.vpc_ipv4_cidr }} {{ .Values.vpc_ipv6_cidrs }} [{{ .Values.subnet_ipv6_cidrs }}]',
    '172.31.0.0/16 [2001:db8::/56] []',
  ],
  [
    'zone and certificate',
    {},
    '{{ .Values.hosted_zone }} {{ .Values.load_balancer_certificate }}',
    'example.org arn:cert',
  ],
  [
    'their types',
    {},
    '{{ printf "%T %T %T" .Values.subnets .Values.vpc_ipv6_cidrs .Values.hosted_zone }}',
    'map[string]string []string string',
  ],
];
for (const [what, config_items, template, output] of rows) {
  t.test(what, async (t) => {
    t.equal(await renderProbe(t, template, { cluster: sampleCluster({ config_items }), facts }), output);
  });
}

t.test('a subnet that is unknown or custom is refused', async (t) => {
  for (const wanted of ['n-b,nope', 'a-custom,n-b', 'n-b,n-b']) {
    const cluster = sampleCluster({ config_items: { subnets: wanted } });
    const { refusals } = await renderSample(t, { cluster, facts, files: { 'cluster/cluster.yaml': 'x' } });
    t.strictSame(
      refusals.map(({ message }) => message),
      [`invalid or unknown subnets; desired [${wanted.replace(',', ' ')}]`],
    );
  }
});

t.test('addresses of subnets in IPv6', async (t) => {
  const withIpv6 = subnets.map((one) =>
    one.id === 'n-b' || one.id === 'n-a1' ? { ...one, ipv6Cidrs: [`${one.id}/64`] } : one,
  );
  t.equal(await renderProbe(t, '{{ .Values.subnet_ipv6_cidrs }}', { facts: { subnets: withIpv6 } }), 'n-a1/64,n-b/64');
});

t.test("the items that follow from the network are the cluster's only, not its pools'", async (t) => {
  const cluster = sampleCluster({ node_pools: [{ name: 'w', profile: 'p', instance_types: ['m5.large'] }] });
  const template =
    '{{ range .Cluster.NodePools }}[{{ index .ConfigItems "vpc_id" }}{{ index .ConfigItems "subnets" }}]{{ end }}';
  t.equal(await renderProbe(t, template, { cluster, facts }), '[]');
});

t.test('the cuts of a pool: its own zones or inherited ones, not for Karpenter', async (t) => {
  const pool = { profile: 'p', instance_types: ['m5.large'] };
  const template = '{{ .Values.subnets }} {{ .Values.availability_zones }} {{ index .Values.lb_subnets "*" }}';
  const files = {
    'cluster/node-pools/p/files.yaml': template,
    'cluster/node-pools/p/userdata.yaml': '',
    'cluster/node-pools/p/stack.yaml': '',
    'cluster/node-pools/worker-karpenter/files.yaml': template,
    'cluster/node-pools/worker-karpenter/userdata.yaml': '',
    'cluster/node-pools/worker-karpenter/provisioners.yaml': '',
  };
  const see = async (clusterItems: Record<string, string>, poolItems: Record<string, string>, profile = 'p') => {
    const node_pools = [{ ...pool, name: 'w', profile, config_items: poolItems }];
    const cluster = sampleCluster({ node_pools, config_items: clusterItems });
    return (await renderSample(t, { cluster, facts, files })).files.get('node-pools/w/files.yaml');
  };
  const all =
    'map[*:n-a1,n-b,z-c eu-central-1a:n-a1 eu-central-1b:n-b eu-central-1c:z-c] [eu-central-1a eu-central-1b eu-central-1c] l-a,l-b,z-c';
  const zone = { availability_zones: 'eu-central-1b' };
  t.equal(await see({}, {}), all);
  t.equal(await see({}, zone), 'map[*:n-b eu-central-1b:n-b] [eu-central-1b] l-a,l-b,z-c');
  t.equal(await see(zone, {}), 'map[*:n-b eu-central-1b:n-b] [eu-central-1b] l-b');
  t.equal(await see(zone, { availability_zones: 'eu-central-1a' }), 'map[] [] l-b');
  t.equal(await see({}, zone, 'worker-karpenter'), all);
});

t.test('a fact that the file does not give is named where a template needs it', async (t) => {
  const { files, refusals } = await renderSample(t, {
    facts: { loadBalancerCertificate: undefined, vpcId: undefined },
    files: {
      'cluster/cluster.yaml': '{{ .Values.load_balancer_certificate }}',
      'cluster/manifests/x/zone.yaml': '{{ .Values.hosted_zone }}: {{ index .Values.subnets "*" }}',
      'cluster/manifests/x/vpc.yaml': '{{ .Cluster.ConfigItems.vpc_id }}',
    },
  });
  t.strictSame(
    refusals.map(({ output, hint }) => [output, hint]),
    [
      ['cluster.yaml', 'the facts file does not give loadBalancerCertificate'],
      ['manifests/x/vpc.yaml', 'the facts give no vpcId; add it there, or set vpc_id as a config item of the cluster'],
      [
        'manifests/x/zone.yaml',
        'every document of a manifest needs kind, apiVersion and metadata.name (the line is of the rendered text)',
      ],
    ],
  );
  t.equal(files.get('manifests/x/zone.yaml'), 'example.org: subnet-a,subnet-b');
});
