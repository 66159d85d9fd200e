import t from 'tap';
import type { Cluster } from '../domain/cluster.ts';
import { renderProbe, renderSample, sampleCluster } from './render-sample.test-fixture.ts';

function named(name: string, fields: Readonly<Record<string, unknown>> = {}): Cluster {
  return sampleCluster({
    id: `aws:123456789012:eu-central-1:${name}`,
    alias: name,
    local_id: name,
    api_server_url: `https://${name}.example.org`,
    ...fields,
  });
}

const [a, b, c] = [named('a'), named('b'), named('c')];
const eks = { provider: 'zalando-eks', config_items: { eks_oidc_issuer_url: 'https://oidc.example.org/id/1' } };

t.test('the clusters of the account: any status, this one too, by the time they were made', async (t) => {
  const listed = [
    named('young', { created_at: '2024-05-01T00:00:00Z' }),
    named('gone', { created_at: '2021-05-01T00:00:00Z', lifecycle_status: 'decommissioned' }),
    named('old', { created_at: '2020-05-01T00:00:00+02:00' }),
    named('elsewhere', { infrastructure_account: 'aws:2' }),
    named('local', { provider: 'local' }),
  ];
  const cluster = listed[0] ?? a;
  const see = (template: string) => renderProbe(t, template, { cluster, listed });
  t.equal(await see('{{ range .Cluster.AccountClusters }}{{ .Alias }} {{ end }}'), 'old gone young ');
  t.equal(await see('{{ .Cluster.SiblingCluster.Alias }} {{ .Cluster.IsOldestReadyClusterInTheRegion }}'), 'old false');
  t.equal(await see('{{ (index .Cluster.AccountClusters 0).CreatedAt.IsZero }}'), 'true');
});

t.test('siblings and the oldest are ready ones of the region', async (t) => {
  const rows: [Cluster[], string][] = [
    [[a, b, c], 'b true'],
    [[b, a, c], 'b false'],
    [[named('x', { lifecycle_status: 'requested' }), a, c], 'c true'],
    [[named('x', { region: 'eu-west-1' }), a], '- true'],
    [[a], '- true'],
  ];
  const template =
    '{{ with .Cluster.SiblingCluster }}{{ .Alias }}{{ else }}-{{ end }} {{ .Cluster.IsOldestReadyClusterInTheRegion }}';
  for (const [listed, seen] of rows) t.equal(await renderProbe(t, template, { cluster: a, listed }), seen);
  const requested = named('x', { lifecycle_status: 'requested' });
  t.equal(await renderProbe(t, template, { cluster: requested, listed: [requested] }), '- false');
});

t.test("a sibling has the registry's config items", async (t) => {
  const listed = [a, named('b', { config_items: { x: '1' } })];
  const files = { 'cluster/config-defaults.yaml': 'y: "2"\n' };
  t.equal(await renderProbe(t, '{{ .Cluster.SiblingCluster.ConfigItems }}', { cluster: a, listed, files }), 'map[x:1]');
});

t.test('the trust template knows no OIDC provider of later clusters until the main stack is there', async (t) => {
  const providers = '{{ range .Cluster.AccountClusters }}{{ .OIDCProvider }} {{ end }}';
  const template = `${providers}{{ .Cluster.IAMRoleTrustRelationshipTemplate }}`;
  const rendered = await renderSample(t, {
    cluster: b,
    listed: [a, b, c],
    files: {
      'cluster/cluster.yaml': template,
      'cluster/manifests/x/after.yaml': template,
      'cluster/manifests/x/sibling.yaml': '{{ .Cluster.SiblingCluster.IAMRoleTrustRelationshipTemplate }}',
    },
  });
  const statement = (name: string, provider: string) =>
    `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/${name}-worker"},"Action":["sts:AssumeRole"]},` +
    `{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/${provider}"},"Action":["sts:AssumeRoleWithWebIdentity"],` +
    `"Condition":{"StringLike":{"${provider}:sub":"system:serviceaccount:$` +
    `{SERVICE_ACCOUNT}"}}}`;
  const start =
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":["sts:AssumeRole"],"Sid":"CLMApplied"},' +
    '{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},';
  const trust = (...of: [string, string][]) => `${start}${of.map(([name, url]) => statement(name, url)).join(',')}]}`;
  const all: [string, string][] = [
    ['a', 'a.example.org'],
    ['b', 'b.example.org'],
    ['c', 'c.example.org'],
  ];
  const known = 'a.example.org b.example.org c.example.org ';
  const [first, second, third] = all;
  t.equal(rendered.files.get('cluster.yaml'), `${known}${first && second && trust(first, second, ['c', ''])}`);
  t.equal(rendered.files.get('manifests/x/after.yaml'), `${known}${first && second && third && trust(...all)}`);
  t.equal(
    rendered.files.get('manifests/x/sibling.yaml'),
    first && trust(first, ['b', ''], ['c', '']),
    'a sibling keeps the one that was made for it while the list was read',
  );
});

t.test('only ready clusters are trusted', async (t) => {
  const listed = [a, named('b', { lifecycle_status: 'decommissioned' })];
  const trusted = await renderProbe(t, '{{ .Cluster.IAMRoleTrustRelationshipTemplate }}', { cluster: a, listed });
  t.match(trusted, 'role/a-worker');
  t.notMatch(trusted, 'role/b-worker');
});

t.test("EKS: name and OIDC provider, in the defaults too, and its endpoint after the main stack's place", async (t) => {
  const cluster = named('e', {
    ...eks,
    config_items: { ...eks.config_items, eks_endpoint: 'https://eks.example.org' },
  });
  const template = '{{ .Cluster.Name }} {{ .Cluster.OIDCProvider }} {{ .Cluster.APIServerURL }}';
  const rendered = await renderSample(t, {
    cluster,
    files: {
      'cluster/config-defaults.yaml': `seen: "${template}"`,
      'cluster/cluster.yaml': template,
      'cluster/manifests/x/y.yaml': template,
    },
  });
  t.equal(rendered.files.get('config-defaults.yaml'), 'seen: "e oidc.example.org/id/1 https://e.example.org"');
  t.equal(rendered.files.get('cluster.yaml'), 'e oidc.example.org/id/1 https://e.example.org');
  t.equal(rendered.files.get('manifests/x/y.yaml'), 'e oidc.example.org/id/1 https://eks.example.org');
});

t.test('a URL without a hosted zone is refused', async (t) => {
  const cluster = named('x', { api_server_url: 'https://localhost' });
  const { refusals } = await renderSample(t, { cluster, files: { 'cluster/cluster.yaml': 'x' } });
  t.strictSame(
    refusals.map(({ file, message }) => [file, message]),
    [['cluster aws:123456789012:eu-central-1:x', "can't derive hosted zone from URL https://localhost"]],
  );
});

t.test('the port belongs to the hosted zone', async (t) => {
  const cluster = named('x', { api_server_url: 'https://x.example.org:6443/' });
  t.equal(
    await renderProbe(t, '{{ .Values.hosted_zone }} {{ .Cluster.OIDCProvider }}', { cluster }),
    'example.org:6443 x.example.org:6443',
  );
});
