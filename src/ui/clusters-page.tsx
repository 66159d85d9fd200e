import type { Cluster } from '../domain/cluster.ts';
import { oneLine, visibleLines } from '../domain/visible-text.ts';
import { Loaded } from './loaded.tsx';
import { useData } from './use-data.ts';

export function ClustersPage() {
  const [data] = useData<{ items: Cluster[] }>('/registry/kubernetes-clusters', 5_000);
  return (
    <>
      <h1>Clusters</h1>
      <Loaded data={data}>
        {({ items }) =>
          items.length === 0 ? (
            <p class="quiet">The registry holds no clusters yet.</p>
          ) : (
            <div class="tiles">
              {items.map((cluster) => (
                <ClusterCard key={cluster.id} cluster={cluster} />
              ))}
            </div>
          )
        }
      </Loaded>
    </>
  );
}

function ClusterCard({ cluster }: { cluster: Cluster }) {
  const { status } = cluster;
  const facts: [string, string][] = [
    ['channel', cluster.channel],
    ['environment', `${cluster.environment}, criticality ${cluster.criticality_level}`],
    ['provider', `${cluster.provider}, ${cluster.region}`],
    ['version', status.current_version || 'none yet'],
    ['next version', status.next_version],
    [
      'node pools',
      cluster.node_pools.map(({ name, min_size, max_size }) => `${name} ${min_size}–${max_size}`).join(', '),
    ],
  ];
  return (
    <article class="card">
      <h2>
        {oneLine(cluster.alias)} <span class="quiet">{cluster.lifecycle_status}</span>
      </h2>
      <p class="quiet">
        <code>{oneLine(cluster.id)}</code>
      </p>
      <dl class="facts">
        {facts
          .filter(([, value]) => value !== '')
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{oneLine(value)}</dd>
            </div>
          ))}
      </dl>
      {status.problems.map((problem) => (
        <p key={problem.title} class="notice bad text">
          {visibleLines(problem.title)}
          {problem.detail !== undefined && `\n${visibleLines(problem.detail)}`}
        </p>
      ))}
    </article>
  );
}
