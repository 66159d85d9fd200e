import { noFacts } from '../adapters/facts/no-facts.ts';
import { type Cluster, cluster } from '../domain/cluster.ts';
import type { ClusterFacts } from '../ports/cluster-facts.ts';
import { renderCluster } from './render-cluster.ts';

export const local = cluster.parse({
  id: 'local:a',
  alias: 'a',
  local_id: 'a',
  api_server_url: 'https://127.0.0.1:6443',
  channel: 'dev',
  provider: 'local',
  config_items: { color: 'red' },
});

export function render(
  t: { teardown(action: () => unknown): void },
  directory: string,
  of: Cluster = local,
  facts: ClusterFacts = noFacts(of.id),
) {
  const controller = new AbortController();
  t.teardown(() => controller.abort());
  return renderCluster({ sources: [{ name: 'main', directory }], cluster: of, facts, signal: controller.signal });
}

export const configMap = (name: string, value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: default\ndata:\n  value: "${value}"\n`;
