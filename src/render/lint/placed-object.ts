import type { KubernetesObject, Manifest } from '../../domain/manifest.ts';

/** An object of a cluster's desired state with its place there. */
export interface PlacedObject {
  component: string;
  manifest: Manifest;
  object: KubernetesObject;
  /** '' for an object of the whole cluster. */
  namespace: string;
}
