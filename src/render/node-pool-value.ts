import type { NodePool } from '../domain/cluster.ts';
import { INSTANCE_TYPE } from './instance.ts';
import { karpenterRequirements } from './karpenter-requirements.ts';
import { type ByteString, bytesOf } from './template/byte-string.ts';
import {
  type BasicType,
  INT64,
  type Method,
  pointerTo,
  STRING,
  STRING_MAP,
  sliceOf,
  structType,
} from './template/go-type.ts';
import { GoMap, Named, type Pointer, pointer, Slice, Struct, stringMap, type Value } from './template/go-value.ts';

const TAINT_EFFECT: BasicType = { kind: 'string', name: 'v1.TaintEffect' };
const TAINT = structType('v1.Taint', [
  { name: 'Key', type: STRING },
  { name: 'Value', type: STRING },
  { name: 'Effect', type: TAINT_EFFECT },
]);
const strategies = new Set(['not-specified', 'default-for-karpenter']);
const effects = new Set(['NoSchedule', 'NoExecute', 'PreferNoSchedule']);

export const NODE_POOL = structType(
  'api.NodePool',
  [
    { name: 'DiscountStrategy', type: STRING },
    { name: 'InstanceTypes', type: sliceOf(INSTANCE_TYPE) },
    { name: 'Name', type: STRING },
    { name: 'Profile', type: STRING },
    { name: 'MinSize', type: INT64 },
    { name: 'MaxSize', type: INT64 },
    { name: 'ConfigItems', type: STRING_MAP },
    { name: 'InstanceType', type: INSTANCE_TYPE },
  ],
  {
    importPath: 'github.com/zalando-incubator/cluster-lifecycle-manager/api',
    methods: {
      IsSpot: reading((pool) => ['spot', 'spot_max_price'].includes(String(pool.get('DiscountStrategy')))),
      IsMaster: reading((pool) => String(pool.get('Profile')).includes('master')),
      IsKarpenter: reading(isKarpenter),
      Taints: reading(taints),
      KarpenterRequirements: reading((pool) => karpenterRequirements(configItem(pool, 'requirements'))),
      KarpenterInstanceTypeStrategy: reading(instanceTypeStrategy),
    },
  },
);

function reading(read: (pool: Struct) => Value): Method {
  return { params: [], call: read };
}

export function isKarpenter(pool: Struct): boolean {
  return pool.get('Profile') === 'worker-karpenter';
}

function configItem(pool: Struct, name: string): ByteString | undefined {
  const items = pool.get('ConfigItems');
  const value = items instanceof GoMap ? items.get(name) : undefined;
  return typeof value === 'string' ? value : undefined;
}

function taints(pool: Struct): Slice {
  const parsed = configItem(pool, 'taints')?.split(',').flatMap(parseTaint) ?? [];
  return new Slice(sliceOf(pointerTo(TAINT)), parsed.length === 0 ? undefined : parsed);
}

/** `key`, `key:Effect` or `key=value:Effect`; anything else is none. */
function parseTaint(text: ByteString): Pointer[] {
  const [spec = '', effect, more] = text.split(':');
  if (more !== undefined) return [];
  if (effect === undefined) return spec.includes('=') ? [] : [taint(spec, '', '')];
  const [key = '', value = '', third] = spec.split('=');
  return third !== undefined || !effects.has(effect) ? [] : [taint(key, value, effect)];
}

function taint(key: ByteString, value: ByteString, effect: string): Pointer {
  return pointer(new Struct(TAINT, [key, value, new Named(TAINT_EFFECT, effect)]));
}

function instanceTypeStrategy(pool: Struct): ByteString {
  const types = pool.get('InstanceTypes');
  const names = types instanceof Slice ? types.items().map((type) => (type instanceof Named ? type.value : '')) : [];
  if (names.length === 0) return 'not-specified';
  const [only = ''] = names;
  return names.length === 1 && strategies.has(String(only)) ? String(only) : 'custom';
}

/** The pool as `.NodePool` and in `.Cluster.NodePools`. */
export function nodePoolValue(pool: NodePool): Pointer {
  const types = pool.instance_types.map((type) => new Named(INSTANCE_TYPE, bytesOf(type)));
  return pointer(
    new Struct(NODE_POOL, [
      bytesOf(pool.discount_strategy),
      new Slice(sliceOf(INSTANCE_TYPE), types.length === 0 ? undefined : types),
      bytesOf(pool.name),
      bytesOf(pool.profile),
      new Named(INT64, BigInt(pool.min_size)),
      new Named(INT64, BigInt(pool.max_size)),
      stringMap(Object.entries(pool.config_items).map(([key, value]) => [bytesOf(key), bytesOf(value)])),
      types[0] ?? new Named(INSTANCE_TYPE, ''),
    ]),
  );
}
