import fc from 'fast-check';
import t from 'tap';
import { nodePool } from '../../domain/cluster.ts';
import { NODE_POOL, nodePoolValue } from '../node-pool-value.ts';
import { pointerTo, sliceOf } from '../template/go-type.ts';
import { type GoMap, Slice } from '../template/go-value.ts';
import { nodeLifeCycleProviderPerNodePoolGroup, zoneDistributedNodePoolGroups } from './pool-groups.ts';

type Items = Readonly<Record<string, string>>;
type Pool = readonly [profile: string, items: Items];

function slice(pools: readonly Pool[]): Slice {
  const values = pools.map(([profile, config_items], index) => {
    const wire = {
      name: `p${index}`,
      profile,
      config_items,
      discount_strategy: '',
      instance_types: [],
      min_size: 0,
      max_size: 0,
    };
    return nodePoolValue(nodePool.parse(wire));
  });
  return new Slice(sliceOf(pointerTo(NODE_POOL)), values);
}

function plain(map: GoMap): Record<string, unknown> {
  return Object.fromEntries([...(map.entries ?? [])].map(([key, value]) => [String(key), value]));
}

const dedicated = (group: string): Items => ({ labels: `dedicated=${group}`, taints: `dedicated=${group}:NoSchedule` });

t.test('a pool belongs to the group of its dedicated label', async (t) => {
  const groupsOf = (items: Items) =>
    Object.keys(plain(nodeLifeCycleProviderPerNodePoolGroup(slice([['worker-splitaz', items]]))));
  t.same(groupsOf({}), ['default']);
  t.same(groupsOf({ labels: 'a=b' }), ['default']);
  t.same(groupsOf({ labels: 'a=b,dedicated=x=y' }), ['x=y']);
  t.same(groupsOf({ labels: 'dedicated=x,dedicated=y' }), ['y'], 'the last wins');
  t.same(groupsOf({ labels: ' dedicated=x' }), ['default'], 'nothing is trimmed');
  t.same(groupsOf({ labels: 'dedicated' }), ['default']);
  t.same(groupsOf({ labels: 'dedicated=x,dedicated=' }), ['default'], 'an empty label is none');
  t.same(groupsOf({ taints: '' }), [], 'tainted, but of no group');
  t.same(groupsOf({ labels: 'dedicated=x', taints: 'whatever' }), ['x']);
});

t.test('masters are of no group', async (t) => {
  const pools = slice([
    ['master-default', {}],
    ['master', {}],
    ['x-master', {}],
  ]);
  t.same(plain(nodeLifeCycleProviderPerNodePoolGroup(pools)), { default: '' });
});

t.test('a group has a provider if its pools agree on the profile', async (t) => {
  const providers = (...pools: Pool[]) => plain(nodeLifeCycleProviderPerNodePoolGroup(slice(pools)));
  t.same(providers(['worker-karpenter', {}]), { default: 'karpenter' });
  t.same(providers(['worker-combined', {}]), { default: 'zalando' });
  t.same(providers(['worker-splitaz', {}], ['worker-splitaz', {}]), { default: 'zalando' });
  t.same(providers(['worker-splitaz', {}], ['worker-combined', {}]), { default: '' });
  t.same(providers(['worker-other', {}]), { default: '' });
  t.same(providers(), {});
});

t.test('a group is spread over zones if all its pools are', async (t) => {
  const spread = (...pools: Pool[]) => plain(zoneDistributedNodePoolGroups(slice(pools)));
  t.same(spread(['worker-splitaz', {}], ['worker-karpenter', dedicated('x')]), { '': true, x: true });
  t.same(spread(['worker-combined', {}]), {});
  t.same(spread(['worker-splitaz', {}], ['worker-combined', {}]), {});
  t.same(spread(['worker-splitaz', { availability_zones: '' }]), {}, 'even an empty restriction is one');
  t.same(spread(['worker-splitaz', { labels: 'dedicated=x' }]), {}, 'without the taint');
  t.same(spread(['worker-splitaz', { ...dedicated('x'), taints: 'dedicated=x:NoSchedule,a=b:NoExecute' }]), {});
  t.same(spread(['worker-splitaz', { taints: 'dedicated=x:NoSchedule' }]), {}, 'of no group');
});

t.test('whatever the pools, a group is spread exactly if each of its pools could be alone', async () => {
  const profile = fc.constantFrom('worker-splitaz', 'worker-karpenter', 'worker-combined', 'master-x');
  const items = fc.constantFrom<Items>(
    {},
    dedicated('x'),
    dedicated('y'),
    { labels: 'dedicated=x' },
    { availability_zones: 'a' },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(profile, items), { maxLength: 6 }), (pools) => {
      const groupOf = (pool: Pool) => Object.keys(plain(nodeLifeCycleProviderPerNodePoolGroup(slice([pool]))))[0];
      const together = plain(zoneDistributedNodePoolGroups(slice(pools)));
      return ['default', 'x', 'y'].every((group) => {
        const members = pools.filter((pool) => groupOf(pool) === group);
        const alone = members.every(
          (pool) => Object.keys(plain(zoneDistributedNodePoolGroups(slice([pool])))).length === 1,
        );
        return (together[group === 'default' ? '' : group] === true) === (members.length > 0 && alone);
      });
    }),
  );
});
