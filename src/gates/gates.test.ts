import t from 'tap';
import { FairwayError } from '../domain/errors.ts';
import type { ApiReadiness, ClusterGauges, NodeLoad, NodeSummary, ServiceEndpoints } from '../ports/kube.ts';
import { GATES } from './registry.ts';

const signal = new AbortController().signal;

interface Readings {
  nodes?: NodeSummary[];
  nodeLoads?: NodeLoad[];
  serviceEndpoints?: ServiceEndpoints[];
  apiReadiness?: ApiReadiness;
}

/** A cluster whose gauges show what is given. */
function showing(readings: Readings): ClusterGauges {
  return {
    nodes: async () => readings.nodes ?? [],
    nodeLoads: async () => readings.nodeLoads ?? [],
    serviceEndpoints: async () => readings.serviceEndpoints ?? [],
    apiReadiness: async () => readings.apiReadiness ?? { ready: true, reason: '', latencyMs: 1 },
  };
}

const node = (name: string, more: Partial<NodeSummary> = {}): NodeSummary => ({
  name,
  ready: true,
  schedulable: true,
  kubeletVersion: 'v1.34.4',
  reason: 'ready',
  ...more,
});
const load = (more: Partial<NodeLoad> = {}): NodeLoad => ({
  name: 'n1',
  schedulable: true,
  pressures: [],
  cpu: { requested: 1, allocatable: 2 },
  memory: { requested: 1e9, allocatable: 4e9 },
  pods: { requested: 10, allocatable: 110 },
  ...more,
});

t.test('nodes: all ready and schedulable', async (t) => {
  const look = (nodes: NodeSummary[]) => GATES.nodes(showing({ nodes }), signal);
  t.same(await look([node('n1'), node('n2')]), { gate: 'open' });
  t.same(await look([]), { gate: 'closed', reason: 'the cluster has no nodes' });
  const bad = node('n2', { ready: false, reason: 'not ready: KubeletNotReady: runtime is down' });
  const cordoned = node('n3', { schedulable: false, reason: 'ready, but cordoned' });
  t.same(await look([node('n1'), bad, cordoned]), {
    gate: 'closed',
    reason: 'node n2: not ready: KubeletNotReady: runtime is down; node n3: ready, but cordoned',
  });
  const many = Array.from({ length: 8 }, (_, i) => node(`n${i}`, { ready: false, reason: 'not ready: gone' }));
  t.match(await look(many), { reason: /node n4: not ready: gone; and 3 more$/ });
});

t.test('capacity: no pressure, and room for a rolling update', async (t) => {
  const look = (nodeLoads: NodeLoad[]) => GATES.capacity(showing({ nodeLoads }), signal);
  t.same(await look([load()]), { gate: 'open' });
  t.same(await look([load({ pressures: ['DiskPressure: kubelet has disk pressure'] })]), {
    gate: 'closed',
    reason: 'node n1: DiskPressure: kubelet has disk pressure',
  });
  const full = load({ cpu: { requested: 1.96, allocatable: 2 } });
  t.same(await look([full]), {
    gate: 'closed',
    reason: "98 % of the nodes' cpu is requested, more than 95 %: add nodes",
  });
  t.same(await look([full, load({ name: 'n2' })]), { gate: 'open' }, 'another node has room');
  const cordoned = load({ name: 'n2', schedulable: false });
  t.match(await look([full, cordoned]), { gate: 'closed' }, 'a cordoned one does not count');
});

t.test('endpoints: every service is answered', async (t) => {
  const ref = { apiVersion: 'v1', kind: 'Service', namespace: 'kube-system', name: 'dns' };
  const look = (ready: number, notReady: number) =>
    GATES.endpoints(showing({ serviceEndpoints: [{ ref, ready, notReady }] }), signal);
  t.same(await look(1, 1), { gate: 'open' });
  t.same(await look(0, 2), {
    gate: 'closed',
    reason: 'Service kube-system/dns has no ready endpoint: 2 pods are not ready',
  });
  t.same(await look(0, 0), {
    gate: 'closed',
    reason: 'Service kube-system/dns has no ready endpoint: its selector matches no running pod',
  });
});

t.test('api: ready, in time, and there', async (t) => {
  const look = (apiReadiness: ApiReadiness) => GATES.api(showing({ apiReadiness }), signal);
  t.same(await look({ ready: true, reason: '', latencyMs: 12 }), { gate: 'open' });
  t.same(await look({ ready: false, reason: '[-]etcd failed', latencyMs: 12 }), {
    gate: 'closed',
    reason: 'the API server is not ready: [-]etcd failed',
  });
  t.same(await look({ ready: true, reason: '', latencyMs: 2500.4 }), {
    gate: 'closed',
    reason: 'the API server takes 2500 ms to answer, more than 2000 ms',
  });
  const away = { ...showing({}), apiReadiness: () => Promise.reject(new FairwayError('unavailable', 'no answer')) };
  t.same(await GATES.api(away, signal), { gate: 'closed', reason: 'no answer' });
  const broken = { ...showing({}), apiReadiness: () => Promise.reject(new Error('a defect')) };
  await t.rejects(GATES.api(broken, signal), { message: 'a defect' });
});
