import { RunSecrets } from '../../domain/secrets/discretion.ts';
import type { ClusterProvider } from '../../ports/cluster-provider.ts';
import type { ClusterRegistry } from '../../ports/cluster-registry.ts';
import type { ClusterClient, Kube } from '../../ports/kube.ts';
import type { World } from '../world.ts';

export interface Parts extends Partial<Omit<World, 'registry' | 'providers' | 'kube'>> {
  registry?: Partial<ClusterRegistry>;
  /** Of every cluster. */
  provider?: Partial<ClusterProvider>;
  kube?: { connect(kubeconfig: string): Partial<ClusterClient> };
}

/**
 * A world of these parts and no others. Steps declare what they need and are handed no more, so that a part which is missing here is a
 * mistake of the test, and the step's TypeError says which.
 */
export function worldOf({ registry, provider, kube, ...others }: Parts): World {
  const world: Partial<World> = {
    secrets: new RunSecrets(),
    ...others,
    registry: registry as ClusterRegistry,
    providers: new Map([['local', provider as ClusterProvider]]),
    kube: kube as Kube,
  };
  return world as World;
}
