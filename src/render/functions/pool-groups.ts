import type { ByteString } from '../template/byte-string.ts';
import { BOOL, mapOf, STRING } from '../template/go-type.ts';
import { GoMap, Pointer, type Slice, Struct, stringMap } from '../template/go-value.ts';

const providers = new Map([
  ['worker-karpenter', 'karpenter'],
  ['worker-combined', 'zalando'],
  ['worker-splitaz', 'zalando'],
]);

/** Groups whose pools may be spread over zones. */
export function zoneDistributedNodePoolGroups(pools: Slice): GoMap {
  const distributed = [...groups(pools)].filter(([group, members]) =>
    members.every((pool) => isDistributed(group, pool)),
  );
  return new GoMap(mapOf(STRING, BOOL), new Map(distributed.map(([group]) => [group, true])));
}

function isDistributed(group: ByteString, pool: Struct): boolean {
  if (group !== '' && item(pool, 'taints') !== `dedicated=${group}:NoSchedule`) return false;
  if (item(pool, 'availability_zones') !== undefined) return false;
  return pool.get('Profile') === 'worker-splitaz' || pool.get('Profile') === 'worker-karpenter';
}

/** Who makes a group's nodes; "" if its pools differ. */
export function nodeLifeCycleProviderPerNodePoolGroup(pools: Slice): GoMap {
  return stringMap(
    [...groups(pools)].map(([group, members]) => {
      const profiles = new Set(members.map((pool) => String(pool.get('Profile'))));
      const [profile = ''] = profiles;
      return [group === '' ? 'default' : group, profiles.size === 1 ? (providers.get(profile) ?? '') : ''];
    }),
  );
}

/** Workers by their dedicated label; "" are those without one, if they have no taints. */
function groups(pools: Slice): Map<ByteString, Struct[]> {
  const byGroup = new Map<ByteString, Struct[]>();
  for (const pool of pools.items().map((pool) => (pool instanceof Pointer ? pool.target : pool))) {
    if (!(pool instanceof Struct) || String(pool.get('Profile')).startsWith('master')) continue;
    const group = dedicatedLabel(pool);
    if (group === '' && item(pool, 'taints') !== undefined) continue;
    byGroup.set(group, [...(byGroup.get(group) ?? []), pool]);
  }
  return byGroup;
}

function dedicatedLabel(pool: Struct): ByteString {
  const labels = (item(pool, 'labels') ?? '').split(',').filter((label) => label.startsWith('dedicated='));
  return labels.at(-1)?.slice('dedicated='.length) ?? '';
}

function item(pool: Struct, name: string): ByteString | undefined {
  const items = pool.get('ConfigItems');
  const value = items instanceof GoMap ? items.get(name) : undefined;
  return typeof value === 'string' ? value : undefined;
}
