import t from 'tap';
import { channel, type GateWord } from '../domain/channel.ts';
import { cluster } from '../domain/cluster.ts';
import type { Run, StageRecord } from '../domain/run.ts';
import type { Gate } from '../ports/gate.ts';
import { gates } from './gates.ts';
import { worldOf } from './testing/world-of.ts';

const policy = channel.parse({ channel: 'dev', branch: 'dev', rollout: { gates: ['nodes', 'api'] } });

function stageOf(id: string, status: StageRecord['status']): StageRecord {
  return {
    name: `converge/${id}`,
    cluster: id,
    wave: 'canary',
    status,
    steps: [],
  } as Partial<StageRecord> as StageRecord;
}

/** What the step says of a wave of such clusters; `closed` are the gates that are, like `nodes of c1`. */
async function outcomeFor(given: {
  stages: StageRecord[];
  closed?: string[];
  withoutNodes?: string[];
  rules?: object;
}) {
  const { stages, closed = [], withoutNodes = [], rules = policy } = given;
  const asked: string[] = [];
  const clients = new Map<unknown, string>();
  const gate =
    (word: GateWord): Gate =>
    async (client) => {
      const name = `${word} of ${clients.get(client)}`;
      asked.push(name);
      return closed.includes(name) ? { gate: 'closed', reason: 'it is not well' } : { gate: 'open' };
    };
  const world = worldOf({
    registry: {
      get: async (id) =>
        cluster.parse({ id, alias: id, local_id: id, api_server_url: '', channel: 'dev', provider: 'local' }),
    },
    provider: {
      async powers(name) {
        const realNodes = !withoutNodes.includes(name);
        return { realNodes, severalNodes: realNodes, loadBalancers: false, missing: [] };
      },
      kubeconfig: async (name) => name,
    },
    kube: {
      connect(kubeconfig) {
        const client = {};
        clients.set(client, kubeconfig);
        return client;
      },
    },
    gates: { nodes: gate('nodes'), api: gate('api'), capacity: gate('capacity'), endpoints: gate('endpoints') },
  });
  const stage = { name: 'settle/canary', wave: 'canary', cluster: undefined } as StageRecord;
  const run = { policy: rules, channel: 'dev', stages } as Run;
  const context = { run, stage, memo: null, startedAt: 0, world, log: () => {} };
  const outcome = await gates.run({ ...context, signal: new AbortController().signal }, {});
  return { outcome, asked: asked.sort() };
}

const two = [stageOf('c1', 'succeeded'), stageOf('c2', 'succeeded')];

t.test('a wave has settled when every gate is open for each of its clusters', async (t) => {
  const { outcome, asked } = await outcomeFor({ stages: two });
  t.strictSame(outcome, { outcome: 'succeeded', summary: 'open for 2 clusters: nodes, api', output: { leftOut: [] } });
  t.strictSame(asked, ['api of c1', 'api of c2', 'nodes of c1', 'nodes of c2']);
});

t.test('a closed gate is waited for, with its cluster and reason', async (t) => {
  const { outcome } = await outcomeFor({ stages: two, closed: ['nodes of c2', 'api of c1'] });
  t.match(outcome, {
    outcome: 'running',
    progress: 'gate api of c1 is closed: it is not well\ngate nodes of c2 is closed: it is not well',
  });
});

t.test('a cluster without nodes is asked what it can answer, and the rest is left out', async (t) => {
  const { outcome, asked } = await outcomeFor({ stages: two, withoutNodes: ['c2'] });
  t.match(outcome, { outcome: 'succeeded', output: { leftOut: ['the gates nodes of c2: it has no nodes'] } });
  t.strictSame(asked, ['api of c1', 'api of c2', 'nodes of c1']);
});

t.test('clusters that did not converge are not asked', async (t) => {
  const { asked } = await outcomeFor({ stages: [stageOf('c1', 'succeeded'), stageOf('c2', 'failed')] });
  t.strictSame(asked, ['api of c1', 'nodes of c1']);
});

t.test('a channel that lists no gates has none', async (t) => {
  const rules = channel.parse({ channel: 'dev', branch: 'dev', rollout: { gates: [] } });
  t.match(await outcomeFor({ stages: two, rules }), {
    outcome: { outcome: 'skipped', reason: 'the channel dev lists no gates' },
  });
});
