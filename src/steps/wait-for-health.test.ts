import t from 'tap';
import { cluster } from '../domain/cluster.ts';
import type { StageRecord } from '../domain/run.ts';
import type { ProviderPowers } from '../ports/cluster-provider.ts';
import type { ObjectHealth } from '../ports/kube.ts';
import { worldOf } from './testing/world-of.ts';
import { waitForHealth } from './wait-for-health.ts';

const target = cluster.parse({
  id: 'c1',
  alias: 'c1',
  local_id: 'c1',
  api_server_url: '',
  channel: 'dev',
  provider: 'local',
});

function objectIn(kind: string, health: ObjectHealth['health'], needs?: ObjectHealth['needs']): ObjectHealth {
  const ref = { apiVersion: 'v1', kind, namespace: 'default', name: 'web' };
  return { ref, health, needs, reason: `${kind} default/web: 0 of 1` };
}

/** What the step comes to when everything has been as it is for long enough. */
async function outcomeFor(powers: Partial<ProviderPowers>, objects: ObjectHealth[]) {
  const client = {
    inventory: async () => ({ revision: 'r', objects: objects.map(({ ref }) => ref) }),
    health: async () => objects,
  };
  const all: ProviderPowers = { realNodes: true, severalNodes: true, loadBalancers: true, missing: [], ...powers };
  const world = worldOf({
    registry: { get: async () => target },
    provider: { kubeconfig: async () => '', powers: async () => all },
    kube: { connect: () => client },
  });
  const stage = { cluster: 'c1' } as StageRecord;
  const context = { run: {} as never, stage, startedAt: 0, world, log: () => {}, signal: new AbortController().signal };
  const longAgo = Date.now() - 60_000;
  const memo = { failingSince: { 'Deployment default/web': longAgo }, healthySince: longAgo };
  return waitForHealth.run({ ...context, memo }, {});
}

const capable = { realNodes: true, loadBalancers: true };

t.test(
  'what needs nodes is waited for where there are nodes, and left out with a sentence where there are none',
  async (t) => {
    const objects = [objectIn('Deployment', 'progressing', 'nodes'), objectIn('ConfigMap', 'ready')];
    t.match(await outcomeFor(capable, objects), { outcome: 'running', progress: 'Deployment default/web: 0 of 1' });
    t.strictSame(await outcomeFor({ ...capable, realNodes: false }, objects), {
      outcome: 'succeeded',
      summary: '1 objects are healthy',
      output: { leftOut: ['the health of Deployment default/web: the cluster has no nodes'] },
    });
  },
);

t.test('so is a load balancer where none are provided', async (t) => {
  const objects = [objectIn('Service', 'progressing', 'load balancers')];
  t.match(await outcomeFor(capable, objects), { outcome: 'running' });
  t.match(await outcomeFor({ ...capable, loadBalancers: false }, objects), {
    outcome: 'succeeded',
    output: { leftOut: ['the health of Service default/web: the cluster has no load balancers'] },
  });
});

t.test('what needs neither is never left out', async (t) => {
  const bare = { realNodes: false, loadBalancers: false };
  t.match(await outcomeFor(bare, [objectIn('Deployment', 'failed')]), { outcome: 'failed' });
});
