import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Json } from '../../domain/json.ts';
import { ApiServer } from './api-server.ts';
import { createKube } from './create-kube.ts';
import { manifestsOf } from './manifests.test-fixture.ts';
import { startTestCluster } from './test-cluster.test-fixture.ts';

const cluster = await startTestCluster({ nodes: 0 });
t.teardown(() => cluster.stop());
const client = createKube().connect(cluster.kubeconfig);
const server = new ApiServer(cluster.kubeconfig);
const signal = AbortSignal.timeout(240_000);

async function apply(text: string): Promise<void> {
  const manifests = manifestsOf(text);
  let outcome = await client.apply(manifests, signal);
  while (outcome.outcome === 'waiting') {
    await sleep(100, undefined, { signal });
    outcome = await client.apply(manifests, signal);
  }
  if (outcome.outcome === 'refused') throw new Error(JSON.stringify(outcome));
  await client.record({ revision: 'rev', manifests, deletions: [] }, signal);
}

async function setStatus(path: string, status: Json): Promise<void> {
  const body = { status };
  const contentType = 'application/merge-patch+json';
  const answer = await server.request({ method: 'PATCH', path: `${path}/status`, body, contentType }, signal);
  if (answer.outcome === 'refused') throw new Error(answer.message);
}

t.test('an API server in good order is ready', async (t) => {
  const { ready, reason, latencyMs } = await client.apiReadiness(signal);
  t.same([ready, reason], [true, '']);
  t.ok(latencyMs > 0);
});

t.test('nodes tell what they carry, and what is wrong with them', async (t) => {
  await apply(`apiVersion: v1
kind: Node
metadata: {name: n1}
spec: {unschedulable: true}
---
apiVersion: v1
kind: Pod
metadata: {name: big}
spec:
  nodeName: n1
  initContainers:
    - {name: once, image: "a:1", resources: {requests: {cpu: "1"}}}
    - {name: sidecar, image: "a:1", restartPolicy: Always, resources: {requests: {cpu: 100m}}}
  containers:
    - {name: a, image: "a:1", resources: {requests: {cpu: 250m, memory: 1Gi}}}
    - {name: b, image: "a:1", resources: {requests: {cpu: 250m}}}
---
apiVersion: v1
kind: Pod
metadata: {name: ended}
spec: {nodeName: n1, containers: [{name: a, image: "a:1", resources: {requests: {cpu: "1"}}}]}
`);
  await setStatus('/api/v1/namespaces/default/pods/ended', { phase: 'Succeeded' });
  await setStatus('/api/v1/nodes/n1', {
    allocatable: { cpu: '2', memory: '4Gi', pods: '110' },
    nodeInfo: { kubeletVersion: 'v1.34.4' },
    conditions: [
      { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'runtime is down' },
      { type: 'DiskPressure', status: 'True', reason: 'Full', message: 'disk is full' },
    ],
  });
  t.same(await client.nodeLoads(signal), [
    {
      name: 'n1',
      schedulable: false,
      pressures: ['DiskPressure: disk is full'],
      cpu: { requested: 1, allocatable: 2 },
      memory: { requested: 2 ** 30, allocatable: 2 ** 32 },
      pods: { requested: 1, allocatable: 110 },
    },
  ]);
  t.match(await client.nodes(signal), [
    { name: 'n1', ready: false, schedulable: false, reason: 'not ready: KubeletNotReady: runtime is down' },
  ]);
});

t.test('endpoints are counted of the services that Fairway applied and that select pods', async (t) => {
  const slice = (name: string, service: string, ready: boolean) => `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}, labels: {kubernetes.io/service-name: ${service}}}
addressType: IPv4
endpoints: [{addresses: [10.0.0.1], conditions: {ready: ${ready}}}]
`;
  const service = (name: string, selector: string) => `apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {ports: [{port: 80}]${selector}}
`;
  await apply(
    [
      service('lonely', ', selector: {app: none}'),
      service('manual', ''),
      service('served', ', selector: {app: served}'),
      slice('served-1', 'served', true),
      slice('served-2', 'served', false),
    ].join('---\n'),
  );
  const counted = await client.serviceEndpoints(signal);
  t.same(
    counted.map(({ ref, ready, notReady }) => [ref.name, ready, notReady]),
    [
      ['lonely', 0, 0],
      ['served', 1, 1],
    ],
  );
});
