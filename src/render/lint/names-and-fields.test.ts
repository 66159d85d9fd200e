import t from 'tap';
import { findingsIn, object, told } from './lint.test-fixture.ts';

t.test('names that can not be are told with the rule of their kind, on one line', async (t) => {
  const evil = 'name: "x**\\n\\n</details>\\u202e"';
  t.strictSame(await told(t, object('v1', 'ConfigMap', evil)), [
    'error 1: metadata.name "x**\\n\\n</details>\\u202e" is no name that API servers take for the kind ConfigMap; expected lower-case letters, digits, "-" and ".", with a letter or digit at both ends of each part',
  ]);
  t.strictSame(await told(t, object('v1', 'Namespace', 'name: a.b')), [
    'error 1: metadata.name "a.b" is no name that API servers take for the kind Namespace; expected lower-case letters, digits and "-", with a letter or digit at both ends',
  ]);
  t.match(
    (await told(t, object('v1', 'ConfigMap', `name: ${'a'.repeat(254)}`)))[0],
    /"a{79}…" .*; expected at most 253 characters$/,
  );
  t.match(
    (await told(t, object('v1', 'ConfigMap', 'name: a, namespace: kube_system')))[0],
    /^error 1: metadata\.namespace "kube_system" is no name/,
  );
  t.strictSame(await told(t, object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'name: "system:node/x"')), [
    'error 1: metadata.name "system:node/x" is no name that API servers take for the kind ClusterRole; expected neither "/" nor "%", and not "." or ".."',
  ]);
});

const definition = (name: string) =>
  object(
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    `name: ${name}`,
    'spec: {group: example.org, scope: Namespaced, names: {kind: Widget, plural: widgets}}',
  );

t.test('a definition is called by what it defines', async (t) => {
  t.strictSame(await told(t, definition('widgets.example.org')), []);
  t.strictSame(await told(t, definition('widget.example.org')), [
    'error 1: metadata.name "widget.example.org" must be "widgets.example.org", by what this CustomResourceDefinition says in its spec',
  ]);
  const service = (name: string) =>
    object('apiregistration.k8s.io/v1', 'APIService', `name: ${name}`, 'spec: {group: example.org, version: v1}');
  t.strictSame(await told(t, service('v1.example.org')), []);
  t.equal((await told(t, service('v2.example.org'))).length, 1);
});

t.test('of kinds that are defined elsewhere it is only a warning: another API server may serve them', async (t) => {
  const widget = object('example.org/v1', 'Widget', 'name: "A:b"');
  t.match((await told(t, widget))[0], /^warning 1: /);
  t.match((await told(t, definition('widgets.example.org') + widget))[0], /^error 3: /);
});

t.test('labels and annotations, of pods and selectors too', async (t) => {
  const pods =
    'spec: {selector: {matchLabels: {app: 1}}, template: {metadata: {labels: {app: 1}, annotations: {on: yes}}}}';
  t.strictSame(await told(t, object('apps/v1', 'Deployment', 'name: a, labels: {v: 1.0, "a b": c, d: "-"}', pods)), [
    'error 1: metadata.labels["v"] must be a text, not the number 1; put it in quotes',
    'error 1: "a b" can be no key in metadata.labels: a key is up to 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends, and may have a domain and "/" before it',
    'error 1: metadata.labels["d"]: "-" can be no label\'s value, which is up to 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends',
    'error 1: spec.template.metadata.labels["app"] must be a text, not the number 1; put it in quotes',
    'error 1: spec.template.metadata.annotations["true"] must be a text, not the boolean true; put it in quotes',
    'error 1: spec.selector.matchLabels["app"] must be a text, not the number 1; put it in quotes',
  ]);
  t.strictSame(await told(t, object('v1', 'ConfigMap', 'name: a, labels: [a]')), [
    'error 1: metadata.labels must be a map of texts, not a list',
  ]);
});

t.test('what an export brings along is told where it stands; what generators write is not', async (t) => {
  const exported = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: a
  resourceVersion: "12345"
  uid: 0d0b7c11-1111-2222-3333-444444444444
  generation: 3
  creationTimestamp: "2026-01-01T00:00:00Z"
  managedFields: [{manager: kubectl}]
  ownerReferences: [{kind: App, name: x, uid: y}]
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: "{}"
status: {replicas: 1}
`;
  t.strictSame(
    (await told(t, exported)).map((line) => line.replace(/ is set by the API server.*/, '')),
    [
      'error 8: metadata.creationTimestamp',
      'error 7: metadata.generation',
      'error 9: metadata.managedFields',
      'error 5: metadata.resourceVersion',
      'error 6: metadata.uid',
      "error 10: metadata.ownerReferences names its owner by a uid, which is another one in each cluster, so that it can't be applied; take it out",
      'warning 12: the annotation kubectl.kubernetes.io/last-applied-configuration',
      'warning 13: status',
    ],
  );
  const generated = object('v1', 'Service', 'name: a, creationTimestamp: null', 'status: {loadBalancer: {}}');
  t.strictSame(await told(t, generated), []);
  t.strictSame(await told(t, object('example.org/v1', 'Widget', 'name: a', 'status: {on: true}')), []);
});

const workload = (replicas: string) =>
  object('apps/v1', 'Deployment', 'name: shop', `spec: {${replicas}template: {metadata: {labels: {app: shop}}}}`);
const scaler = (name: string, namespace = 'default') =>
  object(
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    `name: shop, namespace: ${namespace}`,
    `spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ${name}}}`,
  );

t.test('replicas of a workload that is scaled', async (t) => {
  t.strictSame(await told(t, workload('replicas: 2, ') + scaler('shop')), [
    'warning 1: replicas: 2, but how many there are is for HorizontalPodAutoscaler default/shop (manifests/a/all.yaml:3) to say; leave replicas out',
  ]);
  t.strictSame(await told(t, workload('') + scaler('shop')), []);
  const other = workload('').replace('shop', 'other');
  t.strictSame(await told(t, workload('replicas: 2, ') + other + scaler('other')), []);
  const keda = object('keda.sh/v1alpha1', 'ScaledObject', 'name: s', 'spec: {scaleTargetRef: {name: shop}}');
  t.match(await told(t, workload('replicas: 2, ') + keda), [/ScaledObject default\/s/]);
  const findings = await findingsIn(t, {
    'cluster/manifests/a/deployment.yaml': workload('replicas: 2, '),
    'cluster/manifests/b/scaler.yaml': scaler('shop'),
  });
  t.match(findings, [{ file: 'cluster/manifests/a/deployment.yaml', message: /manifests\/b\/scaler\.yaml:1/ }]);
});
