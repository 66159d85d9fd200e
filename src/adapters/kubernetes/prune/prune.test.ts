import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { z } from 'zod';
import type { Deletion } from '../../../domain/manifest.ts';
import type { DeleteOutcome, Desired, PrunePlan } from '../../../ports/kube.ts';
import { ApiServer } from '../api-server.ts';
import { createKube } from '../create-kube.ts';
import { manifestsOf } from '../manifests.test-fixture.ts';
import { startTestCluster } from '../test-cluster.test-fixture.ts';

const cluster = await startTestCluster({ nodes: 0 });
t.teardown(() => cluster.stop());
const client = createKube().connect(cluster.kubeconfig);
const server = new ApiServer(cluster.kubeconfig);
const signal = AbortSignal.timeout(400_000);

const desired = (text: string, deletions: Deletion[] = []): Desired => ({
  revision: 'rev',
  manifests: text === '' ? [] : manifestsOf(text),
  deletions,
});

const apply = { attempt: 'test', hooks: 'wait' } as const;

/** As the step does it, until nothing is waited for any more. */
async function rollOut(wanted: Desired): Promise<PrunePlan | DeleteOutcome> {
  for (;;) {
    const plan = await client.planPrune(wanted, signal);
    if (plan.refusals.length > 0) return plan;
    await client.record(wanted, signal);
    const guards = await client.pruneGuards(wanted, signal);
    if (guards.outcome === 'refused') return guards;
    const applied = await client.apply(wanted.manifests, signal, { ...apply, handovers: plan.handovers });
    if (applied.outcome === 'refused') throw new Error(JSON.stringify(applied.refusals));
    const pruned = applied.outcome === 'applied' ? await client.prune(wanted, signal) : undefined;
    if (pruned !== undefined && pruned.outcome !== 'waiting') return pruned;
    await sleep(200, undefined, { signal });
  }
}

async function messages(wanted: Desired): Promise<string[]> {
  return (await client.planPrune(wanted, signal)).refusals.map(({ message }) => message);
}

async function exists(path: string): Promise<boolean> {
  return (await server.request({ method: 'GET', path }, signal)).outcome === 'ok';
}

/** As someone else does it. */
async function make(path: string, body: Record<string, unknown>): Promise<void> {
  const json = JSON.parse(JSON.stringify(body));
  const query = { fieldManager: 'someone', force: 'true' };
  const contentType = 'application/apply-patch+yaml';
  for (;;) {
    const answer = await server.request({ method: 'PATCH', path, query, body: json, contentType }, signal);
    if (answer.outcome === 'ok') return;
    // A CRD is established a moment before its kind is served.
    if (answer.status !== 404) throw new Error(answer.message);
    await sleep(100, undefined, { signal });
  }
}

const crd = (
  plural: string,
  kind: string,
  { annotations = '{}', versions = 'v1' } = {},
) => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${plural}.shop.example.org, annotations: ${annotations}}
spec:
  group: shop.example.org
  scope: Namespaced
  names: {kind: ${kind}, plural: ${plural}, singular: ${kind.toLowerCase()}}
  versions:
${['v1alpha1', 'v1'].map((name) => `    - {name: ${name}, served: ${versions.split(' ').includes(name)}, storage: ${name === 'v1'}, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}\n`).join('')}`;
const crdPath = (plural: string) =>
  `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.shop.example.org`;

t.test('what asks to be kept is kept, as Helm reads it and whoever dropped the annotation since', async (t) => {
  const kept = `${crd('certs', 'Cert', { annotations: '{helm.sh/resource-policy: " Keep "}' })}---
apiVersion: v1
kind: ConfigMap
metadata: {name: kept, annotations: {fairway.dev/prune: never}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: plain, annotations: {helm.sh/resource-policy: delete}}
`;
  t.match(await rollOut(desired(kept)), { outcome: 'deleted' });
  const path = '/api/v1/namespaces/default/configmaps/kept';
  const body = { metadata: { annotations: { 'fairway.dev/prune': null } } };
  await server.request({ method: 'PATCH', path, body, contentType: 'application/merge-patch+json' }, signal);

  t.match(await rollOut(desired('')), {
    outcome: 'deleted',
    objects: [{ name: 'plain' }],
    spared: [
      { ref: { name: 'kept' }, reason: 'was annotated fairway.dev/prune: never in the repository' },
      { ref: { name: 'certs.shop.example.org' }, reason: 'is annotated helm.sh/resource-policy: keep' },
    ],
  });
  t.equal(await exists(crdPath('certs')), true);
  t.equal(await exists(path), true);
  t.same((await client.inventory(signal))?.objects, []);
});

t.test('a CRD with objects that others made is refused, with the row that lets it go', async (t) => {
  await rollOut(desired(crd('wells', 'Well')));
  const well = { apiVersion: 'shop.example.org/v1', kind: 'Well', metadata: { name: 'theirs' } };
  await make('/apis/shop.example.org/v1/namespaces/default/wells/theirs', well);
  const plan = await rollOut(desired(''));
  t.match(plan, {
    refusals: [
      {
        message:
          "CustomResourceDefinition wells.shop.example.org is no longer in the repository, but 1 object of its kind isn't Fairway's to delete: Well default/theirs",
        entry: { kind: 'CustomResourceDefinition', name: 'wells.shop.example.org' },
      },
    ],
  });
  t.equal(await exists(crdPath('wells')), true);
  t.match(await client.prune(desired(''), signal), { outcome: 'refused' }, 'whoever does not plan is refused too');

  const meant = 'refusals' in plan ? plan.refusals.flatMap(({ entry }) => entry ?? []) : [];
  t.match(await rollOut(desired('', meant)), { outcome: 'deleted' });
  t.equal(await exists(crdPath('wells')), false);
});

t.test('a Namespace with objects of others is refused; what is in every namespace does not count', async (t) => {
  const namespaces = ['full', 'bare']
    .map((name) => `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`)
    .join('---\n');
  const ours = '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ours, namespace: full}\n';
  await rollOut(desired(namespaces + ours));
  const theirs = ['a', 'b', 'c', 'd', 'e', 'f'];
  for (const name of theirs) {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
    await make(`/api/v1/namespaces/full/configmaps/${name}`, object);
  }
  while (!(await exists('/api/v1/namespaces/bare/configmaps/kube-root-ca.crt'))) await sleep(50, undefined, { signal });

  t.same(await messages(desired('')), [
    "Namespace full is no longer in the repository, but 6 objects in it aren't Fairway's to delete: ConfigMap full/a, ConfigMap full/b, ConfigMap full/c, ConfigMap full/d, ConfigMap full/e and 1 more",
  ]);
  const some = theirs.slice(1).map((name) => ({ kind: 'ConfigMap', namespace: 'full', name }));
  t.match(
    await messages(desired('', some)),
    [/ 1 object in it isn't Fairway's to delete: ConfigMap full\/a$/],
    'what is named itself is meant',
  );

  t.match(await rollOut(desired('', [{ kind: 'ns', name: 'full' }])), { outcome: 'deleted' });
  t.equal(await exists('/api/v1/namespaces/full'), false);
  t.equal(await exists('/api/v1/namespaces/bare'), false);
});

t.test('a kept object holds its Namespace', async (t) => {
  await rollOut(
    desired(`apiVersion: v1
kind: Namespace
metadata: {name: vault}
---
apiVersion: v1
kind: Secret
metadata: {name: key, namespace: vault, annotations: {helm.sh/resource-policy: keep}}
`),
  );
  t.same(await messages(desired('')), [
    "Namespace vault is no longer in the repository, but 1 object in it isn't Fairway's to delete: Secret vault/key",
  ]);
  await rollOut(desired('', [{ kind: 'Namespace', name: 'vault' }]));
});

t.test('what holds data is refused, claim and volume', async (t) => {
  const text = `apiVersion: v1
kind: PersistentVolume
metadata: {name: disk}
spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], storageClassName: none, hostPath: {path: /disk}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: orders}
spec: {accessModes: [ReadWriteOnce], storageClassName: none, volumeName: disk, resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: unbound}
spec: {accessModes: [ReadWriteOnce], storageClassName: nowhere, resources: {requests: {storage: 1Gi}}}
`;
  await rollOut(desired(text));
  while ((await messages(desired(''))).length < 2) await sleep(100, undefined, { signal });
  t.same(await messages(desired('')), [
    'PersistentVolume disk is no longer in the repository, but it holds data of PersistentVolumeClaim default/orders',
    'PersistentVolumeClaim default/orders is no longer in the repository, but it holds data, in PersistentVolume disk of 1Gi',
  ]);
  const meant = [
    { kind: 'pv', name: 'disk' },
    { kind: 'pvc', namespace: 'default', name: 'orders' },
  ];
  t.match(await rollOut(desired('', meant)), { outcome: 'deleted' });
});

t.test('what lies in a Namespace or is of a CRD that goes is told, all at once, before anything is done', async (t) => {
  const inside = `apiVersion: v1
kind: ConfigMap
metadata: {name: a, namespace: shop}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: b, namespace: shop}
---
apiVersion: shop.example.org/v1
kind: Bucket
metadata: {name: logs, namespace: default}
`;
  const ground = `---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n${crd('buckets', 'Bucket')}---\n${crd('pails', 'Pail')}`;
  await rollOut(desired(inside + ground));
  const both = [
    { kind: 'Namespace', name: 'shop' },
    { kind: 'CustomResourceDefinition', name: 'buckets.shop.example.org' },
  ];
  for (const deletions of [[], both]) {
    t.same(await messages(desired(inside, deletions)), [
      'Namespace shop is no longer in the repository, but 2 objects are in it: ConfigMap shop/a (manifests/app/all.yaml:1), ServiceAccount shop/b (manifests/app/all.yaml:5). Put its manifest back, or take them out too',
      'CustomResourceDefinition buckets.shop.example.org is no longer in the repository, but 1 object is of its kind: Bucket default/logs (manifests/app/all.yaml:9). Put its manifest back, or take it out too',
    ]);
  }
  t.match(await rollOut(desired('')), { outcome: 'deleted' });
});

t.test('an object without any field is pruned, however often it was applied', async (t) => {
  const bare = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: bare-twice}\n';
  await rollOut(desired(bare));
  await rollOut(desired(bare));
  t.match(await rollOut(desired('')), { outcome: 'deleted', objects: [{ name: 'bare-twice' }], spared: undefined });
});

t.test('Namespaces of Kubernetes itself are left alone', async (t) => {
  await rollOut(desired('apiVersion: v1\nkind: Namespace\nmetadata: {name: kube-public, labels: {a: b}}\n'));
  t.match(await rollOut(desired('')), {
    outcome: 'deleted',
    objects: [],
    spared: [{ ref: { name: 'kube-public' }, reason: 'belongs to Kubernetes itself' }],
  });
});

t.test('an object is deleted by the version that is served now', async (t) => {
  const bucket = 'apiVersion: shop.example.org/v1alpha1\nkind: Bucket\nmetadata: {name: logs, namespace: default}\n';
  const both = crd('buckets', 'Bucket', { versions: 'v1alpha1 v1' });
  const newer = crd('buckets', 'Bucket', { versions: 'v1' });
  await rollOut(desired(`${both}---\n${bucket}`));
  t.match(await rollOut(desired(newer)), { outcome: 'deleted', objects: [{ kind: 'Bucket', name: 'logs' }] });
  t.equal(await exists('/apis/shop.example.org/v1/namespaces/default/buckets/logs'), false);
  t.match(await rollOut(desired('')), { outcome: 'deleted', objects: [{ kind: 'CustomResourceDefinition' }] });
});

t.test('the health of an object is that of the version that is served now', async (t) => {
  const ref = {
    apiVersion: 'autoscaling/v2beta2',
    kind: 'HorizontalPodAutoscaler',
    namespace: 'default',
    name: 'none',
  };
  t.match(await client.health([ref], signal), [
    { reason: 'HorizontalPodAutoscaler default/none: was deleted by someone' },
  ]);
});

const guarded = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: guarded, namespace: default}\ndata: {a: "1"}\n';
const webhook = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: down.example.org}
webhooks:
  - name: down.example.org
    admissionReviewVersions: [v1]
    sideEffects: None
    timeoutSeconds: 2
    clientConfig: {service: {name: nobody, namespace: default, path: /x}}
    rules: [{apiGroups: [""], apiVersions: [v1], resources: [configmaps], operations: [CREATE, UPDATE, DELETE]}]
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: default}}
`;

t.test('a webhook whose server is away goes before anything is applied or deleted', async (t) => {
  const other = '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: other, namespace: default}\ndata: {a: "1"}\n';
  await rollOut(desired(guarded + other));
  await rollOut(desired(`${guarded + other}---\n${webhook}`));
  const path = '/api/v1/namespaces/default/configmaps/other';
  const changed = guarded.replace('"1"', '"2"');
  t.match(await rollOut(desired(changed)), { outcome: 'deleted', objects: [{ name: 'other' }] });
  t.equal(await exists(path), false);
  t.equal(
    await exists('/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/down.example.org'),
    false,
  );
  t.same(
    (await client.inventory(signal))?.objects.map(({ name }) => name),
    ['guarded'],
  );
});

t.test('an APIService whose server is away goes first, and what was of it is forgotten with it', async (t) => {
  const apiService = `apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.away.example.org}
spec:
  group: away.example.org
  version: v1
  groupPriorityMinimum: 100
  versionPriority: 100
  insecureSkipTLSVerify: true
  service: {name: nobody, namespace: default}
`;
  const thing = 'apiVersion: away.example.org/v1\nkind: Thing\nmetadata: {name: x}\n';
  const space = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: beside}\n';
  await rollOut(desired(`${apiService}---\n${space}`));
  while ((await messages(desired(apiService))).length === 0) await sleep(100, undefined, { signal });
  t.match(await messages(desired(apiService)), [
    /^Namespace beside is no longer in the repository, but what is in it can't be told: APIService v1.away.example.org is unavailable: \w+/,
  ]);
  const [refusal] = await refusals(`${apiService}---\n${thing}`);
  t.match(
    refusal,
    /^the cluster serves no Thing of apiVersion away.example.org\/v1 at the moment: APIService v1.away.example.org is unavailable: \w+/,
  );
  await client.record(desired(`${apiService}---\n${space}---\n${thing}`), signal);
  const ref = { apiVersion: 'away.example.org/v1', kind: 'Thing', name: 'x' };
  t.match(await client.health([ref], signal), [
    { health: 'progressing', reason: /: APIService v1.away.example.org is/ },
  ]);
  t.match(await rollOut(desired('')), { outcome: 'deleted' });
  t.same((await client.inventory(signal))?.objects, []);
});

const service = (name: string, spec: string) =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {selector: {app: x}, ${spec}}\n`;
const nodePort = 'type: NodePort, ports: [{port: 80, nodePort: 30080}]';

t.test('a Service takes over node port and address of the one that it replaces', async (t) => {
  await rollOut(desired(service('old', nodePort)));
  t.match(await rollOut(desired(service('new', nodePort))), { outcome: 'deleted' });
  t.equal(await exists('/api/v1/namespaces/default/services/old'), false);

  const { clusterIP } = await serviceSpec('new');
  const fixed = `clusterIP: ${clusterIP}, ports: [{port: 80}]`;
  t.match(await rollOut(desired(service('newest', fixed))), { outcome: 'deleted' });
  t.match(await serviceSpec('newest'), { clusterIP });
});

t.test('who holds what passes on stays as long as anything is refused', async (t) => {
  await rollOut(desired(service('holder', nodePort)));
  for (const bad of [
    service('heir', `${nodePort}, sessionAffinity: Sometimes`),
    `${service('heir', nodePort)}---\n${guarded.replace('"1"', '1')}`,
  ]) {
    const wanted = desired(bad);
    const { handovers } = await client.planPrune(wanted, signal);
    t.match(handovers, [{ from: { name: 'holder' }, to: { name: 'heir' } }]);
    t.match(await client.apply(wanted.manifests, signal, { ...apply, handovers }), { outcome: 'refused' });
    t.equal(await exists('/api/v1/namespaces/default/services/holder'), true);
  }
  await rollOut(desired(''));
});

t.test('one scaler takes over from another, and one default PriorityClass', async (t) => {
  const scaler = (name: string) =>
    `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: ${name}}\nspec: {maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}\n`;
  const priority = (name: string) =>
    `---\napiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: ${name}}\nvalue: 10\nglobalDefault: true\n`;
  await rollOut(desired(scaler('one') + priority('low')));
  const next = desired(scaler('two') + priority('lower'));
  const { handovers } = await client.planPrune(next, signal);
  t.match(handovers, [
    { from: { name: 'one' }, to: { name: 'two' } },
    { from: { name: 'low' }, to: { name: 'lower' } },
  ]);
  t.match(await rollOut(next), { outcome: 'deleted' });
  await rollOut(desired(''));
});

t.test('custom resources go before the workloads that care for their finalizers', async (t) => {
  const operator = `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: operator}
spec:
  selector: {matchLabels: {app: operator}}
  template: {metadata: {labels: {app: operator}}, spec: {containers: [{name: c, image: c}]}}
`;
  const cask =
    '---\napiVersion: shop.example.org/v1\nkind: Cask\nmetadata: {name: full, namespace: default, finalizers: [example.org/empty]}\n';
  const all = desired(crd('casks', 'Cask') + operator + cask);
  await rollOut(all);
  t.match(await client.prune(desired(''), signal), {
    outcome: 'waiting',
    left: [
      { ref: { name: 'full' }, reason: /^finalizer example.org\/empty holds it/ },
      { ref: { name: 'operator' }, reason: 'goes after these' },
      { ref: { kind: 'CustomResourceDefinition' }, reason: 'goes after these' },
    ],
  });
  t.equal(await exists('/apis/apps/v1/namespaces/default/deployments/operator'), true);
  const path = '/apis/shop.example.org/v1/namespaces/default/casks/full';
  const body = { metadata: { finalizers: null } };
  await server.request({ method: 'PATCH', path, body, contentType: 'application/merge-patch+json' }, signal);
  t.match(await rollOut(desired('')), { outcome: 'deleted' });
});

async function serviceSpec(name: string): Promise<{ clusterIP: string }> {
  const answer = await server.request({ method: 'GET', path: `/api/v1/namespaces/default/services/${name}` }, signal);
  return z.object({ spec: z.object({ clusterIP: z.string() }) }).parse(answer.outcome === 'ok' ? answer.body : {}).spec;
}

async function refusals(text: string): Promise<string[]> {
  const outcome = await client.apply(manifestsOf(text), signal);
  return outcome.outcome === 'refused' ? outcome.refusals.map(({ message }) => message) : [];
}
