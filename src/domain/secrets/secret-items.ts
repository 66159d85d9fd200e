import type { Cluster } from '../cluster.ts';
import { isSecretName } from './secret-name.ts';
import { isTelling } from './secret-value.ts';

/** Values of config items, its node pools' too, that are called as secrets are. */
export function secretItems({ config_items, node_pools }: Pick<Cluster, 'config_items' | 'node_pools'>): string[] {
  const items = [config_items, ...node_pools.map((pool) => pool.config_items)].flatMap((one) => Object.entries(one));
  return items.flatMap(([key, value]) => (isSecretName(key) && isTelling(value) ? [value] : []));
}
