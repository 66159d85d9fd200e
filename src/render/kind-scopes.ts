import { z } from 'zod';
import type { KubernetesObject, Manifest } from '../domain/manifest.ts';

/** Kubernetes' own kinds that have no namespace, by API group. */
const kindsOfTheCluster = new Map<string, readonly string[]>([
  ['', ['ComponentStatus', 'Namespace', 'Node', 'PersistentVolume']],
  [
    'admissionregistration.k8s.io',
    [
      ...['MutatingAdmissionPolicy', 'MutatingAdmissionPolicyBinding', 'MutatingWebhookConfiguration'],
      ...['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding', 'ValidatingWebhookConfiguration'],
    ],
  ],
  ['apiextensions.k8s.io', ['CustomResourceDefinition']],
  ['apiregistration.k8s.io', ['APIService']],
  ['certificates.k8s.io', ['CertificateSigningRequest', 'ClusterTrustBundle']],
  ['flowcontrol.apiserver.k8s.io', ['FlowSchema', 'PriorityLevelConfiguration']],
  ['internal.apiserver.k8s.io', ['StorageVersion']],
  ['networking.k8s.io', ['IPAddress', 'IngressClass', 'ServiceCIDR']],
  ['node.k8s.io', ['RuntimeClass']],
  ['policy', ['PodSecurityPolicy']],
  ['rbac.authorization.k8s.io', ['ClusterRole', 'ClusterRoleBinding']],
  ['resource.k8s.io', ['DeviceClass', 'DeviceTaintRule', 'ResourceSlice']],
  ['scheduling.k8s.io', ['PriorityClass']],
  ['storage.k8s.io', ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment', 'VolumeAttributesClass']],
  ['storagemigration.k8s.io', ['StorageVersionMigration']],
]);

const definition = z.object({
  spec: z.object({
    group: z.string(),
    scope: z.enum(['Cluster', 'Namespaced']),
    names: z.object({ kind: z.string() }),
  }),
});

/** `apps` of `apps/v1`; '' of `v1`. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

/** Groups without a dot, and those of `k8s.io` that are listed, are served by every API server. */
export function isBuiltIn(apiVersion: string): boolean {
  const group = groupOf(apiVersion);
  return !group.includes('.') || kindsOfTheCluster.has(group) || builtInWithoutClusterKinds.has(group);
}

const builtInWithoutClusterKinds = new Set([
  'authentication.k8s.io',
  'authorization.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
]);

/** Which kinds have namespaces: of Kubernetes' own all is known, of others what the CustomResourceDefinitions at hand say. */
export class KindScopes {
  readonly #defined = new Map<string, 'Cluster' | 'Namespaced'>();

  constructor(manifests: Iterable<Manifest>) {
    for (const { object } of manifests) {
      const found = isDefinition(object) ? definition.safeParse(object) : undefined;
      if (found?.success) {
        const { group, names, scope } = found.data.spec;
        this.#defined.set(`${names.kind}.${group}`, scope);
      }
    }
  }

  /** `unknown` for a kind that is neither Kubernetes' own nor defined here. */
  scopeOf({ apiVersion, kind }: { apiVersion: string; kind: string }): 'Cluster' | 'Namespaced' | 'unknown' {
    const group = groupOf(apiVersion);
    if (kindsOfTheCluster.get(group)?.includes(kind)) return 'Cluster';
    if (isBuiltIn(apiVersion)) return 'Namespaced';
    return this.#defined.get(`${kind}.${group}`) ?? 'unknown';
  }

  /** Where the object is in the cluster: '' for one of the whole cluster. */
  namespaceOf(object: Pick<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'>): string {
    return this.scopeOf(object) === 'Cluster' ? '' : object.metadata.namespace || 'default';
  }

  /** The same for the same object of a cluster, in whatever version of its kind, and however its namespace is written. */
  keyOf(object: Pick<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'>): string {
    const { apiVersion, kind, metadata } = object;
    return JSON.stringify([groupOf(apiVersion), kind, this.namespaceOf(object), metadata.name]);
  }

  /** `Deployment default/web`, or `Namespace web`. */
  describe(object: Pick<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'>): string {
    const namespace = this.namespaceOf(object);
    return `${object.kind} ${namespace === '' ? '' : `${namespace}/`}${object.metadata.name}`;
  }
}

function isDefinition({ apiVersion, kind }: KubernetesObject): boolean {
  return kind === 'CustomResourceDefinition' && groupOf(apiVersion) === 'apiextensions.k8s.io';
}
