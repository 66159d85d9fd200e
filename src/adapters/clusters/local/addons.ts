import { FairwayError } from '../../../domain/errors.ts';
import type { KubernetesObject } from '../../../domain/manifest.ts';
import { ApiServer } from '../../kubernetes/api-server.ts';
import { BuiltInDns, type BuiltInDnsAddresses } from '../../kubernetes/built-in-dns.ts';
import { ObjectApi, placeOf } from '../../kubernetes/object-api.ts';
import { dnsSubject } from './control-plane.ts';

const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1', words: [], namespaced: false };
const CLUSTER_ROLES = { ...RBAC, kind: 'ClusterRole', plural: 'clusterroles' };
const CLUSTER_ROLE_BINDINGS = { ...RBAC, kind: 'ClusterRoleBinding', plural: 'clusterrolebindings' };
// None of the names that a CoreDNS of the config repository has, which may come and go.
const NAME = 'fairway-dns';

/** The objects that give the cluster its DNS service; CoreDNS itself runs beside the API server. */
export async function ensureDns(
  kubeconfig: string,
  addresses: BuiltInDnsAddresses,
  signal: AbortSignal,
): Promise<void> {
  const api = new ObjectApi(new ApiServer(kubeconfig));
  await apply(api, CLUSTER_ROLES, signal, {
    rules: [
      { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  });
  await apply(api, CLUSTER_ROLE_BINDINGS, signal, {
    roleRef: { apiGroup: RBAC.group, kind: 'ClusterRole', name: NAME },
    subjects: [{ apiGroup: RBAC.group, kind: 'User', name: dnsSubject.commonName }],
  });
  await new BuiltInDns(api).install(addresses, signal);
}

async function apply(
  api: ObjectApi,
  resource: typeof CLUSTER_ROLES,
  signal: AbortSignal,
  content: Pick<KubernetesObject, string>,
): Promise<void> {
  const type = { apiVersion: `${RBAC.group}/${RBAC.version}`, kind: resource.kind };
  const object = { ...type, metadata: { name: NAME }, ...content };
  const answer = await api.apply(placeOf(resource, { ...type, name: NAME }), object, 'persist', signal);
  if (answer.outcome === 'refused')
    throw new FairwayError('unavailable', `${resource.kind} ${NAME} could not be written: ${answer.message}`);
}
