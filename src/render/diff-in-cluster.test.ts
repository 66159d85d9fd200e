import t from 'tap';
import type { KubernetesObject } from '../domain/manifest.ts';
import { diffClusters, shareChanges } from './diff.ts';
import { diffAsText } from './diff-text.ts';
import { readManifests } from './read-manifests.ts';
import { refusedCluster } from './rendered-cluster.ts';

function clusterOf(text: string) {
  const manifests = readManifests('manifests/x/all.yaml', text);
  return { ...refusedCluster('c', ''), refusals: [], components: [{ name: 'x', manifests }] };
}

/** What a reader of the diff sees, without its summary. */
function diff(before: string, after: string): string[] {
  const text = diffAsText(shareChanges([diffClusters(clusterOf(before), clusterOf(after))]));
  return text === 'No changes.\n' ? [] : text.trim().split('\n').slice(0, -2);
}

const object = (apiVersion: string, kind: string, rest = '', metadata = '') =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x${metadata}}\n${rest}\n---\n`;
const inNamespace = (namespace: string) => `, namespace: ${namespace}`;

t.test('an object is known by its place in the cluster, however that is written', async (t) => {
  const config = (metadata: string) => object('v1', 'ConfigMap', '', metadata);
  t.strictSame(diff(config(''), config(inNamespace('default'))), []);
  t.strictSame(diff(config(inNamespace('default')), config(', namespace: ""')), []);
  t.strictSame(diff(config(inNamespace('default')), config(inNamespace('other'))), [
    '+ ConfigMap other/x (manifests/x/all.yaml)',
    '- ConfigMap default/x (manifests/x/all.yaml)',
  ]);
  const kinds: [string, string][] = [
    ['v1', 'Namespace'],
    ['v1', 'PersistentVolume'],
    ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
    ['storage.k8s.io/v1', 'StorageClass'],
    ['scheduling.k8s.io/v1', 'PriorityClass'],
  ];
  for (const [apiVersion, kind] of kinds) {
    const bare = object(apiVersion, kind);
    t.strictSame(diff(bare, object(apiVersion, kind, '', inNamespace('kube-system'))), [], kind);
  }
});

t.test(
  'of a kind that a CustomResourceDefinition at hand defines, the definition says whether it has namespaces',
  async (t) => {
    const definition = (scope: string) =>
      `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.example.org}
spec: {group: example.org, scope: ${scope}, names: {kind: Widget, plural: widgets}}\n---\n`;
    const widget = (metadata: string) => object('example.org/v1', 'Widget', '', metadata);
    const cluster = definition('Cluster');
    t.strictSame(diff(cluster + widget(''), cluster + widget(inNamespace('a'))), []);
    const namespaced = definition('Namespaced');
    t.equal(diff(namespaced + widget(''), namespaced + widget(inNamespace('a'))).length, 2);
  },
);

t.test('another version of the group is a change of apiVersion', async (t) => {
  t.strictSame(
    diff(object('autoscaling/v1', 'HorizontalPodAutoscaler'), object('autoscaling/v2', 'HorizontalPodAutoscaler')),
    ['~ HorizontalPodAutoscaler x (manifests/x/all.yaml)', '    apiVersion: autoscaling/v1 → autoscaling/v2'],
  );
});

const pod = (container: string, spec = '') =>
  object('apps/v1', 'Deployment', `spec: {template: {spec: {containers: [{name: c, ${container}}]${spec}}}}`);

t.test('quantities are compared by value where the API server keeps them so', async (t) => {
  const limits = (cpu: string, memory: string) => pod(`resources: {limits: {cpu: ${cpu}, memory: ${memory}}}`);
  t.strictSame(diff(limits('1000m', '1Gi'), limits('1', '1024Mi')), []);
  t.strictSame(diff(limits('0.5', '1073741824'), limits('500m', '"1Gi"')), []);
  t.strictSame(diff(limits('1000m', '1G'), limits('2', '1Gi')), [
    '~ Deployment x (manifests/x/all.yaml)',
    '    spec.template.spec.containers[c].resources.limits.cpu: 1000m → 2',
    '    spec.template.spec.containers[c].resources.limits.memory: 1G → 1Gi',
  ]);
  t.strictSame(
    diff(
      pod('a: 1', ', volumes: [{name: v, emptyDir: {sizeLimit: 1Gi}}]'),
      pod('a: 1', ', volumes: [{name: v, emptyDir: {sizeLimit: 1024Mi}}]'),
    ),
    [],
  );
  const same: [string, string, string][] = [
    [
      'LimitRange',
      'spec: {limits: [{type: Container, default: {cpu: 1}}]}',
      'spec: {limits: [{type: Container, default: {cpu: 1000m}}]}',
    ],
    ['ResourceQuota', 'spec: {hard: {requests.cpu: 1, pods: 4}}', 'spec: {hard: {requests.cpu: 1000m, pods: "4"}}'],
    ['PersistentVolume', 'spec: {capacity: {storage: 1Ti}}', 'spec: {capacity: {storage: 1024Gi}}'],
    [
      'PersistentVolumeClaim',
      'spec: {resources: {requests: {storage: 1Ti}}}',
      'spec: {resources: {requests: {storage: 1024Gi}}}',
    ],
  ];
  for (const [kind, before, after] of same) {
    t.strictSame(diff(object('v1', kind, before), object('v1', kind, after)), [], kind);
  }
  const autoscaler = (value: string) =>
    object(
      'autoscaling/v2',
      'HorizontalPodAutoscaler',
      `spec: {metrics: [{pods: {target: {averageValue: ${value}}}}]}`,
    );
  t.strictSame(diff(autoscaler('1k'), autoscaler('1000')), []);
});

t.test('elsewhere a text is a text', async (t) => {
  const changed = (before: string, after: string) => diff(before, after).length === 2;
  const annotated = (value: string) => object('v1', 'ConfigMap', '', `, annotations: {cpu: "${value}"}`);
  t.ok(changed(annotated('1000m'), annotated('1')));
  const data = (value: string) => object('v1', 'ConfigMap', `data: {resources: "${value}"}`);
  t.ok(changed(data('1000m'), data('1')));
  const custom = (value: string) => object('example.org/v1', 'Widget', `spec: {resources: {limits: {cpu: ${value}}}}`);
  t.ok(changed(custom('1000m'), custom('1')), 'a custom object is kept as it is written');
  const port = (value: string) => pod(`readinessProbe: {httpGet: {port: ${value}}}`);
  t.ok(changed(port('80'), port('"80"')), 'a port by number and one by name');
  t.ok(changed(pod('resources: {limits: {cpu: nonsense}}'), pod('resources: {limits: {cpu: 1}}')));
});

t.test('null is left out, and so is empty metadata; an empty selector is not', async (t) => {
  t.strictSame(diff(pod('command: null, env: []'), pod('resources: {}')), []);
  t.strictSame(
    diff(object('v1', 'ConfigMap', 'data: {}', ', labels: {}, annotations: null'), object('v1', 'ConfigMap')),
    [],
  );
  const policy = (spec: string) =>
    object('networking.k8s.io/v1', 'NetworkPolicy', `spec: {policyTypes: [Ingress]${spec}}`);
  t.equal(diff(policy(''), policy(', podSelector: {}')).length, 2);
  const custom = (spec: string) => object('example.org/v1', 'Widget', `spec: {a: 1${spec}}`);
  t.equal(diff(custom(''), custom(', b: null')).length, 2);
  t.equal(diff(object('v1', 'ConfigMap', 'data: {a: null}'), object('v1', 'ConfigMap', 'data: {}')).length, 2);
});

t.test('values of a Secret are compared by what they say, and never shown', async (t) => {
  const secret = (rest: string) => object('v1', 'Secret', rest);
  const coded = Buffer.from('old').toString('base64');
  t.strictSame(diff(secret(`data: {a: ${coded}}`), secret('stringData: {a: old}')), []);
  t.strictSame(diff(secret(`data: {a: ${coded}}`), secret(`data:\n  a: |\n    ${coded}\n`)), []);
  t.strictSame(diff(secret('stringData: {a: old, b: one}'), secret(`data: {a: ${coded}}\nstringData: {b: two}`)), [
    '~ Secret x (manifests/x/all.yaml)',
    '    data.b: (secret) changed',
  ]);
  t.strictSame(diff(secret(`data: {a: x}\nstringData: {a: old}`), secret('stringData: {a: old}')), []);
});

t.test('what is compared is left as it was', async (t) => {
  const before: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'x' },
    stringData: { a: 'old' },
  };
  const cluster = (object: KubernetesObject) => ({
    ...clusterOf(''),
    components: [{ name: 'x', manifests: [{ object, file: 'f', line: 1 }] }],
  });
  diffClusters(cluster(before), cluster({ ...before, stringData: { a: 'old' } }));
  t.strictSame(before.stringData, { a: 'old' });
});
