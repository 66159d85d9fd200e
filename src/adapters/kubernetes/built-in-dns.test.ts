import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { ApiServer } from './api-server.ts';
import { BuiltInDns } from './built-in-dns.ts';
import { startControlPlane } from './control-plane.test-fixture.ts';
import { createKube } from './create-kube.ts';
import { manifestsOf } from './manifests.test-fixture.ts';
import { ObjectApi } from './object-api.ts';

const signal = AbortSignal.timeout(10 * 60_000);
t.setTimeout(10 * 60_000);
const { kubeconfig, stop } = await startControlPlane();
t.teardown(stop);

const addresses = { service: '10.96.0.10', server: '10.96.200.2' };
const api = new ObjectApi(new ApiServer(kubeconfig));
const client = createKube().connect(kubeconfig);
const dns = new BuiltInDns(api);

/** What `kubectl get service,endpointslice -A` would show of DNS: who has the address, and whether our server is behind it. */
async function look() {
  const core = { group: '', version: 'v1', words: [], namespaced: true };
  const services = await api.list({ ...core, kind: 'Service', plural: 'services' }, undefined, {}, signal);
  const slices = await api.list(
    { ...core, group: 'discovery.k8s.io', kind: 'EndpointSlice', plural: 'endpointslices' },
    'kube-system',
    { labelSelector: 'kubernetes.io/service-name=kube-dns' },
    signal,
  );
  const holder = services.find(({ spec }) => JSON.stringify(spec).includes(`"clusterIP":"${addresses.service}"`));
  return {
    holder: holder && `${holder.metadata.namespace}/${holder.metadata.name}`,
    ours: holder?.metadata.labels['fairway.dev/built-in'] === 'dns',
    serverBehind: slices.some((slice) => JSON.stringify(slice).includes(addresses.server)),
  };
}

const builtIn = { holder: 'kube-system/kube-dns', ours: true, serverBehind: true };

async function converge(text: string) {
  const manifests = manifestsOf(text);
  const desired = { revision: 'revision', manifests, deletions: [] };
  await client.record(desired, signal);
  const applied = await client.apply(manifests, signal);
  if (applied.outcome !== 'applied') return applied;
  let pruned = await client.prune(desired, signal);
  // A Namespace takes its time.
  while (pruned.outcome === 'waiting') {
    await sleep(100, undefined, { signal });
    pruned = await client.prune(desired, signal);
  }
  t.match(pruned, { outcome: 'deleted' });
  return applied;
}

function service(namespace: string, name: string, clusterIP: string): string {
  return `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}, labels: {whose: theirs}}
spec:
  ${clusterIP}
  selector: {k8s-app: dns}
  ports: [{name: dns, port: 53, protocol: UDP, targetPort: 5353}]
`;
}

const other = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other, namespace: default}\n';
const wanted = `clusterIP: ${addresses.service}`;

t.beforeEach(async () => {
  await dns.install(addresses, signal);
});

t.test('a Service that wants the address of the cluster’s DNS gets it, and gives it back when it goes', async (t) => {
  t.same(await look(), builtIn);
  for (const text of [service('kube-system', 'coredns', wanted), service('dns', 'mine', wanted)]) {
    const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: dns}\n---\n';
    t.match(await converge(namespace + text), { outcome: 'applied' });
    const theirs = { ours: false, serverBehind: false };
    t.match(await look(), { holder: /coredns|mine/, ...theirs });
    await dns.install(addresses, signal);
    t.match(await look(), theirs, 'making the cluster once more takes nothing back');
    t.match(await converge(namespace + text), { objects: [{}, { change: 'unchanged' }] });
    t.match(await converge(`${namespace}${other}`), { outcome: 'applied' });
    t.same(await look(), builtIn);
  }
});

t.test('a Service of the same name takes over, with the address when it asks for none', async (t) => {
  for (const spec of [wanted, 'type: ClusterIP']) {
    const text = service('kube-system', 'kube-dns', spec);
    t.match(await converge(text), { objects: [{ change: 'configured' }] });
    t.same(await look(), { holder: 'kube-system/kube-dns', ours: false, serverBehind: false });
    t.match(await converge(text), { objects: [{ change: 'unchanged' }] });
    await converge(other);
    t.same(await look(), builtIn);
  }
});

t.test('a Service of the same name that wants another address, or none at all, has it', async (t) => {
  for (const spec of ['clusterIP: None', 'clusterIP: 10.96.7.7']) {
    t.match(await converge(service('kube-system', 'kube-dns', spec)), { outcome: 'applied' });
    t.same(await look(), { holder: undefined, ours: false, serverBehind: false });
    await converge(other);
    t.same(await look(), builtIn);
  }
});

t.test('a change that is refused leaves the cluster its DNS', async (t) => {
  const refused = service('kube-system', 'broken', 'clusterIP: 10.5.0.11');
  const outcome = await converge(`${service('kube-system', 'coredns', wanted)}---\n${refused}`);
  t.match(outcome, {
    outcome: 'refused',
    refusals: [{ message: /10\.5\.0\.11.*valid/ }],
  });
  t.comment(JSON.stringify(outcome));
  t.same(await look(), builtIn);
});

t.test('who was killed after the built-in Service gave way finds the rest to do', async (t) => {
  const text = service('kube-system', 'coredns', wanted);
  await dns.giveWay(manifestsOf(text), signal);
  t.match(await look(), { holder: undefined });
  t.match(await converge(text), { outcome: 'applied' });
  t.match(await look(), { holder: 'kube-system/coredns', serverBehind: false });
  await converge(other);
  await dns.giveWay(manifestsOf(text), signal);
  await dns.install(addresses, signal);
  t.same(await look(), builtIn, 'or the cluster that is made once more has its own back');
});

t.test('deletions of the config repository do not take the cluster its DNS', async (t) => {
  const deletion = { kind: 'Service', namespace: 'kube-system', name: 'kube-dns' };
  t.match(await client.delete([deletion], signal), { outcome: 'deleted' });
  t.same(await look(), builtIn);
});

t.test('StorageClasses and a metrics server of the config repository meet nothing of ours', async (t) => {
  const text = `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: standard, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
provisioner: example.org/disk
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec: {group: metrics.k8s.io, version: v1beta1, groupPriorityMinimum: 100, versionPriority: 100, insecureSkipTLSVerify: true, service: {name: metrics-server, namespace: kube-system}}
`;
  t.match(await converge(text), { objects: [{ change: 'created' }, { change: 'created' }] });
  await converge(other);
});
