import { FairwayError } from '../../../domain/errors.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { ApiClient } from './api-client.ts';

type Named = JsonObject & { metadata: JsonObject & { name: string } };

/** The objects that give the cluster its DNS service; CoreDNS itself runs beside the API server. */
export async function ensureDns(api: ApiClient, dnsService: string, dnsServer: string): Promise<void> {
  const ports = [
    { name: 'dns', protocol: 'UDP', port: 53 },
    { name: 'dns-tcp', protocol: 'TCP', port: 53 },
  ];
  const labels = { 'k8s-app': 'kube-dns', 'kubernetes.io/name': 'CoreDNS' };
  const rbac = 'rbac.authorization.k8s.io';
  await create(api, `/apis/${rbac}/v1/clusterroles`, {
    metadata: { name: 'system:coredns' },
    rules: [
      { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  });
  await create(api, `/apis/${rbac}/v1/clusterrolebindings`, {
    metadata: { name: 'system:coredns' },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'system:coredns' },
    subjects: [{ apiGroup: rbac, kind: 'User', name: 'system:coredns' }],
  });
  await create(api, '/api/v1/namespaces/kube-system/services', {
    metadata: { name: 'kube-dns', labels },
    spec: { clusterIP: dnsService, ports },
  });
  await create(api, '/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices', {
    metadata: { name: 'kube-dns', labels: { ...labels, 'kubernetes.io/service-name': 'kube-dns' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [dnsServer], conditions: { ready: true } }],
    ports,
  });
}

async function create(api: ApiClient, path: string, object: Named): Promise<void> {
  // Asked first, since a service that is there already is refused for its address, not for its name.
  if ((await api.call('GET', `${path}/${object.metadata.name}`)).status === 200) return;
  const { status, text } = await api.call('POST', path, object);
  if (status === 201) return;
  throw new FairwayError(
    'unavailable',
    `The API server would not create an object at ${path}: ${status} ${text.slice(0, 300)}`,
  );
}
