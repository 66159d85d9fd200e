import { isJsonObject } from '../domain/json.ts';
import type { Manifest } from '../domain/manifest.ts';

/** Kinds of Kubernetes' own that have no namespace; of others only the cluster knows, which drops one that is too much. */
const kindsOfTheCluster = new Set([
  ...['APIService', 'CSIDriver', 'CSINode', 'CertificateSigningRequest', 'ClusterRole', 'ClusterRoleBinding'],
  ...['CustomResourceDefinition', 'DeviceClass', 'FlowSchema', 'IPAddress', 'IngressClass', 'MutatingAdmissionPolicy'],
  ...['MutatingAdmissionPolicyBinding', 'MutatingWebhookConfiguration', 'Namespace', 'Node', 'PersistentVolume'],
  ...['PriorityClass', 'PriorityLevelConfiguration', 'ResourceSlice', 'RuntimeClass', 'ServiceCIDR', 'StorageClass'],
  ...['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding', 'ValidatingWebhookConfiguration'],
  ...['VolumeAttachment', 'VolumeAttributesClass'],
]);
const eventsOfApplying = new Set(['crd-install', 'pre-install', 'post-install', 'pre-upgrade', 'post-upgrade']);

/**
 * What a release puts into a cluster: hooks of installing and upgrading are objects like others; tests, and hooks for what is never
 * done here, are left out. As with helm, objects that name no namespace are of the release's.
 */
export function releaseObjects(manifests: readonly Manifest[], namespace: string): Manifest[] {
  return manifests.filter(isApplied).map((manifest) => inNamespace(manifest, namespace));
}

function isApplied({ object }: Manifest): boolean {
  const annotations = object.metadata.annotations;
  const hook = isJsonObject(annotations) ? annotations['helm.sh/hook'] : undefined;
  if (typeof hook !== 'string') return true;
  return hook.split(',').some((event) => eventsOfApplying.has(event.trim()));
}

function inNamespace(manifest: Manifest, namespace: string): Manifest {
  const { object } = manifest;
  if (namespace === 'default' || object.metadata.namespace || kindsOfTheCluster.has(object.kind)) return manifest;
  return { ...manifest, object: { ...object, metadata: { ...object.metadata, namespace } } };
}
