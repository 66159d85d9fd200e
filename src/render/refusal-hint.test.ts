import t from 'tap';
import { describeRefusal } from './refusal.ts';
import { renderSample, type SampleFiles, sampleCluster } from './render-sample.test-fixture.ts';

async function told(
  t: Parameters<typeof renderSample>[0],
  template: string,
  files: SampleFiles = {},
): Promise<string[]> {
  const cluster = sampleCluster({ config_items: { skipper_replicas: '3', enable_dns: 'true' } });
  const { refusals } = await renderSample(t, { cluster, files: { ...files, 'cluster/cluster.yaml': template } });
  return refusals.map((refusal) => describeRefusal(refusal).replace(/: template: [^\n]*/, ''));
}

t.test('a name that is nearly right is suggested', async (t) => {
  t.strictSame(await told(t, 'a: {{ .Cluster.ConfigItems.skipper_replcias }}'), [
    [
      'cluster/cluster.yaml:1:15',
      '  a: {{ .Cluster.ConfigItems.skipper_replcias }}',
      '                ^',
      'there is no config item skipper_replcias; is skipper_replicas meant?',
    ].join('\n'),
  ]);
  t.match(await told(t, '{{ hasprefix "a" "b" }}'), [/\nthere is no function hasprefix; is hasPrefix meant\?$/]);
  t.match(await told(t, '{{ .Cluster.ConfigItem.x }}'), [/\nthere is no field ConfigItem; is ConfigItems meant\?$/]);
  t.match(await told(t, '{{ .Values.subnet }}'), [/\nthere is no value subnet; is subnets meant\?$/]);
});

t.test('a name that is like no other is told how to get one', async (t) => {
  t.match(await told(t, '{{ .Cluster.ConfigItems.other }}'), [
    /\ngive other a default in config-defaults\.yaml, or set it as a config item of the cluster$/,
  ]);
  t.match(await told(t, '{{ zzz }}'), [/\nthere is no function zzz; check its name$/]);
});

t.test('what is not closed is shown where it was opened', async (t) => {
  const open = '{{/* if */}}\na: 1\n{{ if true }}{{ end }}\n{{- range .Cluster.NodePools }}\n{{ if "}}" }}x{{ end }}\n';
  t.strictSame(await told(t, open), [
    ['cluster/cluster.yaml:4:1', '  {{- range .Cluster.NodePools }}', '  ^', 'this range has no {{ end }}'].join('\n'),
  ]);
  t.strictSame(await told(t, 'a: 1\nb: {{ .Cluster.ID\n'), [
    ['cluster/cluster.yaml:2:4', '  b: {{ .Cluster.ID', '     ^', 'close this {{ with }}'].join('\n'),
  ]);
});

t.test('defaults that were refused explain config items that are missing', async (t) => {
  const refused = await told(t, '{{ .Cluster.ConfigItems.other }}', {
    'cluster/config-defaults.yaml': '{{ .Cluster.Nope }}',
  });
  t.match(refused[1], /\nother may have a default in config-defaults\.yaml, which was refused$/);
});
