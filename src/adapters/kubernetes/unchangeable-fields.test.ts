import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Refusal } from '../../ports/kube.ts';
import { createKube } from './create-kube.ts';
import { manifestsOf } from './manifests.test-fixture.ts';
import { startTestCluster } from './test-cluster.test-fixture.ts';

const cluster = await startTestCluster({ nodes: 0 });
t.teardown(() => cluster.stop());
const client = createKube().connect(cluster.kubeconfig);
const signal = AbortSignal.timeout(240_000);

async function apply(text: string): Promise<Record<string, string>> {
  for (;;) {
    const outcome = await client.apply(manifestsOf(text), signal);
    if (outcome.outcome === 'applied')
      return Object.fromEntries(outcome.objects.map(({ ref, change }) => [ref.name, change]));
    if (outcome.outcome === 'refused') throw new Error(JSON.stringify(outcome));
    await sleep(100, undefined, { signal });
  }
}

async function refusal(text: string): Promise<Refusal> {
  const outcome = await client.apply(manifestsOf(text), signal);
  const [first] = outcome.outcome === 'refused' ? outcome.refusals : [];
  if (first === undefined) throw new Error(JSON.stringify(outcome));
  return first;
}

const job = (name: string, argument: string, annotations = '{}') => `apiVersion: batch/v1
kind: Job
metadata: {name: ${name}, annotations: ${annotations}}
spec:
  template:
    spec: {restartPolicy: Never, containers: [{name: c, image: "app:1", args: ["${argument}"]}]}
`;
const advice = (kind: string) =>
  `\nGive the ${kind} another name, annotate it fairway.dev/replace: allowed to have it deleted and made anew, or list it under pre_apply of deletions.yaml.`;

t.test("a Job's template is refused in two lines; all that the API server said comes along for the log", async (t) => {
  await apply(job('fixed', 'one'));
  const { message, detail = '' } = await refusal(job('fixed', 'two'));
  t.equal(message, `spec.template can't be changed in a Job that is there: field is immutable${advice('Job')}`);
  t.match(detail, /^Job.batch "fixed" is invalid: spec.template: Invalid value: /);
  t.ok(detail.length > 500, 'which is why it is not shown');
});

t.test('a Job that may be replaced is made anew, in the words of Fairway, Argo CD and Flux', async (t) => {
  const annotations = [
    '{fairway.dev/replace: allowed}',
    '{argocd.argoproj.io/sync-options: "Force=true,Replace=true"}',
    '{kustomize.toolkit.fluxcd.io/force: enabled}',
  ];
  for (const [index, annotation] of annotations.entries()) {
    const name = `renewed-${index}`;
    await apply(job(name, 'one', annotation));
    t.strictSame(await apply(job(name, 'two', annotation)), { [name]: 'created' });
    t.strictSame(await apply(job(name, 'two', annotation)), { [name]: 'unchanged' });
  }
});

t.test('nothing is replaced while something else is refused', async (t) => {
  const allowed = '{fairway.dev/replace: allowed}';
  await apply(job('kept', 'one', allowed));
  const broken = job('kept', 'two', allowed).replace('restartPolicy: Never', 'restartPolicy: Perhaps');
  t.match((await refusal(broken)).message, /spec.template.spec.restartPolicy: .*Perhaps/);
  t.strictSame(await apply(job('kept', 'one', allowed)), { kept: 'unchanged' });
});

const deployment = (label: string, annotations = '{}') => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: ${annotations}}
spec:
  replicas: 0
  selector: {matchLabels: {app: ${label}}}
  template: {metadata: {labels: {app: ${label}}}, spec: {containers: [{name: c, image: "app:1"}]}}
`;

t.test('so is the selector of a Deployment', async (t) => {
  await apply(deployment('a'));
  const { message } = await refusal(deployment('b'));
  t.equal(
    message,
    `spec.selector can't be changed in a Deployment that is there: field is immutable${advice('Deployment')}`,
  );
  t.strictSame(await apply(deployment('b', '{fairway.dev/replace: allowed}')), { web: 'created' });
});

const others: [kind: string, text: string, from: string, to: string, sentence: RegExp][] = [
  [
    'StatefulSet',
    'apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: it}\nspec: {serviceName: a, replicas: 0, selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: "app:1"}]}}}\n',
    'serviceName: a',
    'serviceName: b',
    /^spec can't be changed in a StatefulSet that is there: Forbidden: updates to statefulset spec for fields other than/,
  ],
  [
    'ConfigMap',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: it}\nimmutable: true\ndata: {key: a}\n',
    'key: a',
    'key: b',
    /^data can't be changed in a ConfigMap that is there: Forbidden: field is immutable when `immutable` is set/,
  ],
  [
    'Secret',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: it}\nimmutable: true\nstringData: {key: a}\n',
    'key: a',
    'key: b',
    /^data can't be changed in a Secret that is there: Forbidden: field is immutable when `immutable` is set/,
  ],
  [
    'PersistentVolumeClaim',
    'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: it, annotations: {fairway.dev/replace: allowed}}\nspec: {accessModes: [ReadWriteOnce], storageClassName: a, resources: {requests: {storage: 2Gi}}}\n',
    'storageClassName: a',
    'storageClassName: b',
    /^spec can't be changed in a PersistentVolumeClaim that is there: .*\nA claim can only grow: put the field back, or make a claim of another name and move the data\.$/,
  ],
  [
    'Service',
    'apiVersion: v1\nkind: Service\nmetadata: {name: it}\nspec: {ports: [{port: 80}]}\n',
    'ports:',
    'clusterIP: None, ports:',
    /^spec.clusterIPs.* can't be changed in a Service that is there: /,
  ],
  [
    'RoleBinding',
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: it}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}\n',
    'name: view',
    'name: edit',
    /^roleRef can't be changed in a RoleBinding that is there: cannot change roleRef/,
  ],
  [
    'Pod',
    'apiVersion: v1\nkind: Pod\nmetadata: {name: it}\nspec: {containers: [{name: c, image: "app:1", args: [a]}]}\n',
    'args: [a]',
    'args: [b]',
    /^spec can't be changed in a Pod that is there: Forbidden: pod updates may not change fields other than/,
  ],
];

for (const [kind, text, from, to, sentence] of others) {
  t.test(`a ${kind} says which field, and what to do, in two lines`, async (t) => {
    await apply(text);
    const { message } = await refusal(text.replace(from, to));
    t.match(message, sentence);
    t.equal(message.split('\n').length, 2);
    t.ok(message.length < 700, `${message.length} characters`);
  });
}
