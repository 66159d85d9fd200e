import t from 'tap';
import { sampleRun } from '../api/testing/sample-run.ts';
import { ownerOf } from '../domain/lease.ts';
import type { Run } from '../domain/run.ts';
import type { ClusterProvider, ProvidedCluster } from '../ports/cluster-provider.ts';
import { reap } from './reaper.ts';

const signal = AbortSignal.timeout(10_000);

function providerWith(clusters: ProvidedCluster[]): ClusterProvider {
  return {
    kind: 'memory',
    powers: async () => ({ realNodes: false, severalNodes: false, loadBalancers: false, missing: [] }),
    ensure: async () => ({ phase: 'ready' }),
    describe: async () => ({ phase: 'ready' }),
    kubeconfig: async () => '',
    async delete(name) {
      clusters.splice(
        clusters.findIndex((cluster) => cluster.name === name),
        1,
      );
      return { phase: 'absent' };
    },
    list: async () => [...clusters],
  };
}

function clusterOf(run: Run, expiresAt?: Date): ProvidedCluster {
  return { name: run.id, owner: ownerOf(run), expiresAt, state: { phase: 'ready' } };
}

t.test('clusters whose run has ended, is unknown or took too long go; others stay', async (t) => {
  const live = sampleRun('live');
  const late = sampleRun('late');
  const ended = sampleRun('ended', { status: 'succeeded' });
  const known = new Map([live, late, ended].map((run) => [run.id, run]));
  const clusters = [
    clusterOf(live, new Date(Date.now() + 60_000)),
    clusterOf(late, new Date(Date.now() - 1)),
    clusterOf(ended),
    clusterOf(sampleRun('unknown')),
    { name: 'by-hand', owner: 'command line', expiresAt: undefined, state: { phase: 'ready' } as const },
  ];
  const reaped = await reap([providerWith(clusters)], 'run', { get: async (id) => known.get(id) }, signal);
  t.same(reaped, ['late', 'ended', 'unknown']);
  t.same(
    clusters.map(({ name }) => name),
    ['live', 'by-hand'],
  );
});

t.test('fairway up and fairway prove on one state folder leave each other’s clusters alone', async (t) => {
  const [upRun, proof] = [sampleRun('pr-1'), sampleRun('prove-1', { kind: 'prove' })];
  const clusters = [clusterOf(upRun), clusterOf(proof)];
  const provider = providerWith(clusters);
  const knowing = (run: Run) => ({ get: async (id: string) => (id === run.id ? run : undefined) });
  t.same(await reap([provider], 'run', knowing(upRun), signal), []);
  t.same(await reap([provider], 'prove', knowing(proof), signal), []);
  t.equal(clusters.length, 2);
});
