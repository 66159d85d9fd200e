import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Manifest } from '../../domain/manifest.ts';
import { describeRef } from '../../domain/manifest.ts';
import type { ApplyOutcome, ClusterClient } from '../../ports/kube.ts';
import { createKube } from './create-kube.ts';
import { manifestsOf } from './manifests.test-fixture.ts';
import { startTestCluster } from './test-cluster.test-fixture.ts';

const cluster = await startTestCluster({ nodes: 0 });
t.teardown(() => cluster.stop());
const client = createKube().connect(cluster.kubeconfig);
const signal = AbortSignal.timeout(240_000);

/** Calls again while it says `waiting`, as the step does; the reasons it gave come along. */
async function applyUntilDone(cluster: ClusterClient, manifests: Manifest[]): Promise<[ApplyOutcome, Set<string>]> {
  const reasons = new Set<string>();
  for (;;) {
    const outcome = await cluster.apply(manifests, signal);
    if (outcome.outcome !== 'waiting') return [outcome, reasons];
    reasons.add(outcome.reason);
    await sleep(100, undefined, { signal });
  }
}

function changesOf(outcome: ApplyOutcome): string[] {
  if (outcome.outcome !== 'applied') throw new Error(JSON.stringify(outcome));
  return outcome.objects.map(({ ref, change }) => `${describeRef(ref)} ${change}`);
}

function refusalsOf(outcome: ApplyOutcome): string[] {
  if (outcome.outcome !== 'refused') throw new Error(JSON.stringify(outcome));
  return outcome.refusals.map(({ ref, file, line, message }) => `${file}:${line}: ${describeRef(ref)}: ${message}`);
}

t.test('tells what was created, configured and left unchanged', async (t) => {
  const text = (color: string) => `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {color: ${color}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: "fairway:Reader"}
rules: []
`;
  t.same(changesOf(await client.apply(manifestsOf(text('red')), signal)), [
    'ConfigMap default/settings created',
    'ClusterRole fairway:Reader created',
  ]);
  t.same(changesOf(await client.apply(manifestsOf(text('blue')), signal)), [
    'ConfigMap default/settings configured',
    'ClusterRole fairway:Reader unchanged',
  ]);
});

t.test('collects every refusal, with file, line and the sentence of the API server, and changes nothing', async (t) => {
  const manifests = manifestsOf(`apiVersion: v1
kind: ConfigMap
metadata: {name: innocent}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: misspelled}
dat: {a: b}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: -1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: other}}
    spec: {containers: [{name: web, image: "web:1"}]}
---
apiVersion: v1
kind: Secret
metadata: {name: lost, namespace: nowhere}
`);
  const refusals = refusalsOf(await client.apply(manifests, signal));
  t.equal(refusals.length, 3);
  t.equal(
    refusals[0],
    'manifests/app/all.yaml:5: ConfigMap default/misspelled: failed to create typed patch object (default/misspelled; /v1, Kind=ConfigMap): .dat: field not declared in schema',
  );
  t.match(refusals[1], /^manifests\/app\/all.yaml:10: Deployment default\/web: Deployment.apps "web" is invalid: /);
  t.match(refusals[1], /spec.replicas: Invalid value: -1: must be greater than or equal to 0/);
  t.match(refusals[1], /`selector` does not match template `labels`/);
  t.equal(refusals[2], 'manifests/app/all.yaml:20: Secret nowhere/lost: namespaces "nowhere" not found');
  const [health] = await client.health([{ apiVersion: 'v1', kind: 'ConfigMap', name: 'innocent' }], signal);
  t.equal(health?.reason, 'ConfigMap innocent: was deleted by someone', 'it was not applied');
});

t.test('says what to write instead of a kind that the cluster does not serve', async (t) => {
  const manifests = manifestsOf(`apiVersion: extensions/v1beta1
kind: Ingress
metadata: {name: old}
---
apiVersion: example.org/v1
kind: Widget
metadata: {name: unknown}
---
apiVersion: apps/v1
kind: Deploymnet
metadata: {name: typo}
`);
  const refusals = refusalsOf(await client.apply(manifests, signal));
  t.equal(
    refusals[0],
    'manifests/app/all.yaml:1: Ingress old: the cluster serves no Ingress of apiVersion extensions/v1beta1; write apiVersion: networking.k8s.io/v1',
  );
  t.match(
    refusals[1],
    /the cluster serves no Widget of apiVersion example.org\/v1; .*add the CustomResourceDefinition/,
  );
  t.match(refusals[2], /no Deploymnet of apiVersion apps\/v1; correct the kind \(apps\/v1 has .*Deployment/);
});

t.test('an object that is defined twice is refused', async (t) => {
  const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: twin}\n';
  const manifests = manifestsOf(`${text}---\n${text}`);
  t.same(refusalsOf(await client.apply(manifests, signal)), [
    'manifests/app/all.yaml:5: ConfigMap default/twin: is already defined in manifests/app/all.yaml:1; keep one of the two',
  ]);
});

const shop = (widget: string) => `apiVersion: v1
kind: Pod
metadata: {name: pod, namespace: shop}
spec: {serviceAccountName: seller, priorityClassName: brisk, containers: [{name: a, image: "a:1"}]}
---
apiVersion: example.org/v1
kind: Widget
metadata: {name: first, namespace: shop}
spec: ${widget}
---
apiVersion: v1
kind: Pod
metadata: {name: plain, namespace: shop}
spec: {containers: [{name: a, image: "a:1"}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: seller, namespace: shop}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: brisk}
value: 5
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: {spec: {type: object, properties: {size: {type: integer}}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
`;

t.test('a refusal among what the new namespace and CRD bring leaves only those two behind', async (t) => {
  const [outcome] = await applyUntilDone(client, manifestsOf(shop('{size: big}')));
  t.same(refusalsOf(outcome), [
    'manifests/app/all.yaml:6: Widget shop/first: failed to create typed patch object (shop/first; example.org/v1, Kind=Widget): .spec.size: expected numeric (int or float), got string',
  ]);
  const health = await client.health(
    [
      { apiVersion: 'v1', kind: 'Namespace', name: 'shop' },
      { apiVersion: 'v1', kind: 'ServiceAccount', name: 'seller', namespace: 'shop' },
    ],
    signal,
  );
  t.same(
    health.map(({ health }) => health),
    ['ready', 'failed'],
  );
});

t.test('namespaces and CRDs come first, then what pods refer to, whatever the order of the files', async (t) => {
  const [outcome] = await applyUntilDone(client, manifestsOf(shop('{size: 3}')));
  t.same(changesOf(outcome), [
    'CustomResourceDefinition widgets.example.org unchanged',
    'Namespace shop unchanged',
    'ServiceAccount shop/seller created',
    'PriorityClass brisk created',
    'Pod shop/pod created',
    'Widget shop/first created',
    'Pod shop/plain created',
  ]);
});

t.test('waits for a CRD to be established and its kind to be served', async (t) => {
  const manifests = manifestsOf(
    shop('{}').replaceAll('Widget', 'Gadget').replaceAll('widgets', 'gadgets').replaceAll('shop', 'store'),
  );
  const first = await client.apply(manifests, signal);
  t.match(first, {
    outcome: 'waiting',
    reason:
      /^CustomResourceDefinition gadgets.example.org is not established yet|^Gadget of example.org\/v1 is defined, but not served yet/,
  });
  const [outcome] = await applyUntilDone(client, manifests);
  t.match(changesOf(outcome).join('\n'), 'Gadget store/first created');
});

t.test('a namespace that is being deleted is waited for, not written to', async (t) => {
  const text = `apiVersion: v1
kind: ConfigMap
metadata: {name: late, namespace: leaving}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: holds-it, namespace: leaving, finalizers: [example.org/hold]}
---
apiVersion: v1
kind: Namespace
metadata: {name: leaving}
`;
  const [created] = await applyUntilDone(client, manifestsOf(text));
  t.equal(created.outcome, 'applied');
  await client.delete([{ kind: 'Namespace', name: 'leaving' }], signal);
  t.match(await client.apply(manifestsOf(text), signal), {
    outcome: 'waiting',
    reason: /Namespace leaving is still being deleted/,
  });
  const newcomer = manifestsOf('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: newcomer, namespace: leaving}\n');
  t.same(await client.apply(newcomer, signal), {
    outcome: 'waiting',
    reason: 'Namespace leaving is still being deleted',
    objects: [],
  });
});

t.test('two hundred objects go at once', async (t) => {
  const manifests = manifestsOf(
    Array.from({ length: 200 }, (_, i) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: many-${i}}\n`).join(
      '---\n',
    ),
  );
  const changes = changesOf(await client.apply(manifests, signal));
  t.equal(changes.length, 200);
  t.equal(changes[199], 'ConfigMap default/many-199 created');
});
