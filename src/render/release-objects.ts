import { hookRole } from '../domain/hook-role.ts';
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

/**
 * What a release puts into a cluster. Hooks of installing and upgrading know that they are; tests, and hooks for what is never done
 * here, are left out. As with helm, objects that name no namespace are of the release's.
 */
export function releaseObjects(manifests: readonly Manifest[], release: string, namespace: string): Manifest[] {
  return manifests.flatMap((manifest) => {
    const role = hookRole(manifest.object);
    if (role.role === 'never') return [];
    const hook = role.role === 'hook' ? { hook: role.hook } : {};
    return [{ ...inNamespace(manifest, namespace), release, ...hook }];
  });
}

function inNamespace(manifest: Manifest, namespace: string): Manifest {
  const { object } = manifest;
  if (namespace === 'default' || object.metadata.namespace || kindsOfTheCluster.has(object.kind)) return manifest;
  return { ...manifest, object: { ...object, metadata: { ...object.metadata, namespace } } };
}
