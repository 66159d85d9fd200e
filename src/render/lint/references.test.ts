import t from 'tap';
import { object, told } from './lint.test-fixture.ts';

const rbac = 'rbac.authorization.k8s.io/v1';
const binding = (kind: string, role: string) =>
  object(
    rbac,
    'RoleBinding',
    'name: b',
    `roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ${kind}, name: "${role}"}`,
  );
const lost = (line: number, what: string, namespace = 'default') =>
  `warning ${line}: there is no ${what}${namespace && ` in the namespace ${namespace}`} in this cluster's desired state`;

t.test('a binding to a role that nobody makes', async (t) => {
  t.strictSame(await told(t, binding('Role', 'gone')), [lost(1, 'Role "gone"')]);
  t.strictSame(await told(t, binding('ClusterRole', 'gone')), [lost(1, 'ClusterRole "gone"', '')]);
  t.strictSame(await told(t, binding('Role', 'here') + object(rbac, 'Role', 'name: here')), []);
  for (const role of ['view', 'cluster-admin', 'system:auth-delegator']) {
    t.strictSame(await told(t, binding('ClusterRole', role)), [], role);
  }
});

const pods = (spec: string) =>
  object('apps/v1', 'Deployment', 'name: d', `spec: {template: {metadata: {labels: {app: d}}, spec: {${spec}}}}`);

t.test('what pods need, unless it is optional or the system makes it', async (t) => {
  const spec = `serviceAccountName: who, priorityClassName: high, containers: [{name: c, envFrom: [{configMapRef: {name: a}}],
    env: [{name: E, valueFrom: {secretKeyRef: {name: s, key: k}}}]}], volumes: [{name: v, projected: {sources: [{configMap: {name: p}}]}}]`;
  t.strictSame(await told(t, pods(spec)), [
    lost(2, 'ConfigMap "p"'),
    lost(1, 'ConfigMap "a"'),
    lost(2, 'Secret "s"'),
    lost(1, 'ServiceAccount "who"'),
    lost(1, 'PriorityClass "high"', ''),
  ]);
  const fine = `serviceAccountName: default, priorityClassName: system-node-critical, volumes: [{name: a, configMap: {name: kube-root-ca.crt}},
    {name: b, secret: {secretName: gone, optional: true}}, {name: c, configMap: {name: here}}]`;
  t.strictSame(await told(t, pods(fine) + object('v1', 'ConfigMap', 'name: here')), []);
  t.match(
    await told(
      t,
      pods('serviceAccountName: who') + object('v1', 'ServiceAccount', 'name: who, namespace: kube-system'),
    ),
    [/no ServiceAccount "who" in the namespace default .*; there is one in the namespace kube-system$/],
  );
});

t.test('what somebody is asked to make is expected from there', async (t) => {
  const needs = pods('volumes: [{name: v, secret: {secretName: tls}}]');
  t.strictSame(await told(t, needs), [lost(1, 'Secret "tls"')]);
  const makers = [
    object('cert-manager.io/v1', 'Certificate', 'name: c', 'spec: {secretName: tls}'),
    object('external-secrets.io/v1', 'ExternalSecret', 'name: tls'),
    object('bitnami.com/v1alpha1', 'SealedSecret', 'name: tls'),
    object('batch/v1', 'Job', 'name: j', 'spec: {template: {spec: {containers: [{args: ["--secret-name=tls"]}]}}}'),
  ];
  for (const maker of makers) t.strictSame(await told(t, needs + maker), [], maker);
});

const service = (rest = '') =>
  object('v1', 'Service', 'name: web', `spec: {selector: {app: d}, ports: [{name: http, port: 80}]${rest}}`);
const ingress = (name: string, port: string) =>
  object(
    'networking.k8s.io/v1',
    'Ingress',
    'name: i',
    `spec: {defaultBackend: {service: {name: ${name}, port: {${port}}}}}`,
  );

t.test('Services by name and port', async (t) => {
  const known = pods('') + service();
  t.strictSame(
    await told(t, known + ingress('web', 'number: 80') + ingress('web', 'name: http').replace('name: i', 'name: j')),
    [],
  );
  t.strictSame(await told(t, known + ingress('wbe', 'number: 80')), [lost(5, 'Service "wbe"')]);
  t.strictSame(await told(t, known + ingress('web', 'number: 8080')), [
    'warning 5: Service default/web (manifests/a/all.yaml:3) has no port 8080; it has 80, http',
  ]);
  const webhook = (name: string) =>
    object(
      'admissionregistration.k8s.io/v1',
      'ValidatingWebhookConfiguration',
      'name: w',
      `webhooks: [{clientConfig: {service: {name: ${name}, namespace: default, port: 80}}}]`,
    );
  t.strictSame(await told(t, known + webhook('web')), []);
  t.strictSame(await told(t, known + webhook('gone')), [lost(5, 'Service "gone"')]);
  t.strictSame(await told(t, webhook('gone')), [], 'of a namespace that is not ours, nothing is known');
});

t.test('a Service that selects no pods', async (t) => {
  t.strictSame(await told(t, pods('') + service()), []);
  t.strictSame(await told(t, service()), [
    "warning 1: spec.selector app=d matches no pods of the namespace default in this cluster's desired state",
  ]);
  const operated = object('example.org/v1', 'Database', 'name: d');
  t.strictSame(await told(t, service() + operated), [], 'an operator may make them');
  t.strictSame(await told(t, service().replace('selector: {app: d}, ', '')), []);
});

t.test('an autoscaler of nothing, and objects in a namespace that nobody makes', async (t) => {
  const scaler = object(
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    'name: h',
    'spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: gone}}',
  );
  t.match(await told(t, scaler), [/^warning 1: there is no Deployment "gone"/]);
  const inside =
    object('v1', 'ConfigMap', 'name: a, namespace: shop') + object('v1', 'ConfigMap', 'name: b, namespace: shop');
  t.strictSame(await told(t, inside), ["warning 1: there is no Namespace shop in this cluster's desired state"]);
  t.strictSame(await told(t, inside + object('v1', 'Namespace', 'name: shop')), []);
  t.strictSame(await told(t, object('v1', 'ConfigMap', 'name: a, namespace: kube-system')), []);
});
