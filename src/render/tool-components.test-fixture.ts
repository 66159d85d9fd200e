import type { Test } from 'tap';
import { noFacts } from '../adapters/facts/no-facts.ts';
import { createManifestTools } from '../adapters/manifest-tools/create-manifest-tools.ts';
import { cluster } from '../domain/cluster.ts';
import { folderOf } from './folder.test-fixture.ts';
import { describeRefusal } from './refusal.ts';
import { renderCluster } from './render-cluster.ts';

export const { signal } = new AbortController();
/** The real kustomize and helm. */
export const tools = createManifestTools({ report: () => {}, unsandboxed: { tools: 'refused', setting: 'none' } });
export const local = cluster.parse({
  id: 'local:a',
  alias: 'a',
  local_id: 'a',
  api_server_url: '',
  channel: 'dev',
  provider: 'local',
  config_items: { color: 'red', answer: 'yes', lines: 'one\ntwo' },
});

export function render(directory: string, of = local, with_ = tools) {
  const sources = [{ name: 'main', directory }];
  return renderCluster({ sources, cluster: of, facts: noFacts(of.id), tools: with_, signal });
}

/** Of a repository that is refused, the sentences, which lint gives too where they don't need the tool. */
export async function sentences(t: Test, files: Record<string, string>): Promise<string[]> {
  return (await render(await folderOf(t, files))).refusals.map(describeRefusal);
}

export const configMap = (name: string, data = '{}') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: ${data}\n`;

export const chart = {
  'cluster/manifests/web/Chart.yaml':
    'apiVersion: v2\nname: shop\nversion: 0.1.0\nannotations: {fairway/namespace: shop}\n',
  'cluster/manifests/web/values.yaml': 'replicas: 1\nhost: none\nkept: default\n',
  'cluster/manifests/web/config-values.yaml': 'replicas: 2\nhost: "{{ .Cluster.Alias }}.example.org"\n',
  'cluster/manifests/web/templates/one.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}"}
data:
  values: "{{ .Values.replicas }} {{ .Values.host }} {{ .Values.kept }} {{ .Values.configItems.answer }}"
  release: "{{ .Release.Namespace }} {{ .Capabilities.KubeVersion }}"
`,
  'cluster/manifests/web/templates/role.yaml':
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: web}\n',
  'cluster/manifests/web/crds/shop.yaml':
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: shops.example.org}\n',
};
