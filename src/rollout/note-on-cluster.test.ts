import t from 'tap';
import { sampleStage, sampleStep } from '../api/testing/sample-run.ts';
import { type Cluster, cluster as clusterSchema } from '../domain/cluster.ts';
import { clusterVersion, versionFor } from '../domain/cluster-version.ts';
import type { ClusterRegistry } from '../ports/cluster-registry.ts';
import { noteOnCluster } from './note-on-cluster.ts';

/** A registry of one cluster. */
function registryOf(fields: object) {
  const base = { id: 'c1', alias: 'c1', local_id: 'c1', api_server_url: '', channel: 'dev', provider: 'local' };
  const held = { cluster: clusterSchema.parse({ ...base, ...fields }) };
  const registry: Pick<ClusterRegistry, 'update'> = {
    async update(id, change) {
      if (id !== 'c1') return undefined;
      held.cluster = change(held.cluster);
      return held.cluster;
    },
  };
  return { held, registry: registry as ClusterRegistry };
}

function ended(status: 'succeeded' | 'failed' | 'cancelled', version: string) {
  const steps = [sampleStep('apply', 'succeeded', { version, changed: 1 }), sampleStep('wait-for-health', status)];
  return { ...sampleStage('converge/c1', status, steps), cluster: 'c1', reason: 'Deployment default/web: 0 of 1' };
}

const status = (current: string, next: string, last: string): Partial<Cluster['status']> => ({
  current_version: current,
  next_version: next,
  last_version: last,
});

t.test('a new cluster becomes ready, and each version is followed by the next', async (t) => {
  const { held, registry } = registryOf({ lifecycle_status: 'requested', status: status('', 'v1', '') });
  for (let twice = 0; twice < 2; twice++) await noteOnCluster(registry, ended('succeeded', 'v1'));
  t.match(held.cluster, { lifecycle_status: 'ready', status: status('v1', '', '') });
  for (let twice = 0; twice < 2; twice++) await noteOnCluster(registry, ended('succeeded', 'v2'));
  t.match(held.cluster, { lifecycle_status: 'ready', status: status('v2', '', 'v1') });
});

t.test('what went wrong is said until the next success, and the version that it was on the way to stays', async (t) => {
  const { held, registry } = registryOf({ status: status('v1', 'v2', '') });
  await noteOnCluster(registry, ended('failed', 'v2'));
  t.match(held.cluster.status, {
    ...status('v1', 'v2', ''),
    problems: [{ title: 'wait-for-health failed', detail: 'Deployment default/web: 0 of 1' }],
  });
  await noteOnCluster(registry, ended('succeeded', 'v3'));
  t.strictSame(held.cluster.status, { ...status('v3', '', 'v1'), problems: [] });
});

t.test('nothing is said of what was stopped, nor of a cluster that is no longer registered', async (t) => {
  const { held, registry } = registryOf({ status: status('v1', 'v2', '') });
  const before = structuredClone(held.cluster);
  await noteOnCluster(registry, ended('cancelled', 'v2'));
  await noteOnCluster(registry, { ...ended('succeeded', 'v2'), cluster: 'gone' });
  t.strictSame(held.cluster, before);
});

t.test('becoming ready is no change of the version, so that a new cluster is rolled out once', async (t) => {
  const { held, registry } = registryOf({ lifecycle_status: 'requested', status: status('', 'v1', '') });
  await noteOnCluster(registry, ended('succeeded', clusterVersion('abc', held.cluster)));
  const { current_version } = held.cluster.status;
  t.equal(current_version, clusterVersion('abc', { ...held.cluster, lifecycle_status: 'ready' }));
  t.equal(versionFor(current_version, held.cluster), current_version);
});
