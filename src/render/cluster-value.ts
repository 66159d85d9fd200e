import type { Cluster } from '../domain/cluster.ts';
import { isKarpenter, NODE_POOL, nodePoolValue } from './node-pool-value.ts';
import { type ByteString, bytesOf } from './template/byte-string.ts';
import {
  type BasicType,
  type Field,
  type GoType,
  INT32,
  type Method,
  pointerTo,
  STRING,
  STRING_MAP,
  STRINGS,
  sliceOf,
  structType,
} from './template/go-type.ts';
import { GoMap, Named, Pointer, pointer, Slice, Struct, stringMap, type Value } from './template/go-value.ts';
import { CallError } from './template/template-error.ts';
import { TIME, zeroTime } from './time-value.ts';

const PROVIDER_ID: BasicType = { kind: 'string', name: 'api.ProviderID' };
const PROBLEM = structType('api.Problem', [
  { name: 'Detail', type: STRING },
  { name: 'Instance', type: STRING },
  { name: 'Status', type: INT32 },
  { name: 'Title', type: STRING },
  { name: 'Type', type: STRING },
]);
const STATUS = structType('api.ClusterStatus', [
  { name: 'CurrentVersion', type: STRING },
  { name: 'LastVersion', type: STRING },
  { name: 'NextVersion', type: STRING },
  { name: 'Problems', type: sliceOf(pointerTo(PROBLEM)) },
]);
const NODE_POOLS = sliceOf(pointerTo(NODE_POOL));

function fields(type: GoType, ...names: string[]): Field[] {
  return names.map((name) => ({ name, type }));
}

export const CLUSTER = structType(
  'api.Cluster',
  [
    ...fields(STRING, 'Alias', 'APIServerURL', 'Channel'),
    ...fields(STRING_MAP, 'ConfigItems'),
    ...fields(INT32, 'CriticalityLevel'),
    ...fields(STRING, 'Environment', 'ID', 'InfrastructureAccount', 'LifecycleStatus', 'LocalID'),
    ...fields(NODE_POOLS, 'NodePools'),
    ...fields(PROVIDER_ID, 'Provider'),
    ...fields(STRING, 'Region'),
    ...fields(pointerTo(STATUS), 'Status'),
    ...fields(STRING, 'Owner', 'AccountName'),
    ...fields(TIME, 'CreatedAt'),
    // Of pointers to clusters; a type can't name itself, and nothing looks that deep.
    ...fields(STRINGS, 'AccountClusters'),
    ...fields(STRING, 'OIDCProvider', 'IAMRoleTrustRelationshipTemplate'),
  ],
  {
    methods: {
      Name: reading((cluster) => (provider(cluster) === 'zalando-eks' ? text(cluster, 'Alias') : text(cluster, 'ID'))),
      InfrastructureAccountID: reading(accountID),
      WorkerRoleARN: reading((cluster) => `arn:aws:iam::${accountID(cluster)}:role/${text(cluster, 'LocalID')}-worker`),
      OIDCProviderARN: reading(
        (cluster) => `arn:aws:iam::${accountID(cluster)}:oidc-provider/${text(cluster, 'OIDCProvider')}`,
      ),
      OIDCSubjectKey: reading((cluster) => `${text(cluster, 'OIDCProvider')}:sub`),
      KarpenterPools: reading((cluster) => poolsWhere(cluster, isKarpenter)),
      ASGBackedPools: reading((cluster) => poolsWhere(cluster, (pool) => !isKarpenter(pool))),
      ChannelOverrides: reading(channelOverrides),
      SiblingCluster: reading(siblingCluster),
      IsOldestReadyClusterInTheRegion: reading(isOldestReadyInRegion),
    },
  },
);

function reading(read: (cluster: Struct) => Value): Method {
  return { params: [], call: read };
}

function text(cluster: Struct, field: string): ByteString {
  return String(cluster.get(field));
}

function provider(cluster: Struct): ByteString {
  const value = cluster.get('Provider');
  return value instanceof Named ? String(value.value) : '';
}

function accountID(cluster: Struct): ByteString {
  return text(cluster, 'InfrastructureAccount').replace(/^aws:/, '');
}

function poolsWhere(cluster: Struct, wanted: (pool: Struct) => boolean): Slice {
  const pools = cluster.get('NodePools');
  const chosen = (pools instanceof Slice ? pools.items() : []).filter(
    (pool) => pool instanceof Pointer && pool.target instanceof Struct && wanted(pool.target),
  );
  return new Slice(NODE_POOLS, chosen.length === 0 ? undefined : chosen);
}

/** Item `override_channel`: `source=channel,…`. */
function channelOverrides(cluster: Struct): GoMap {
  const items = cluster.get('ConfigItems');
  const overrides = items instanceof GoMap ? items.get('override_channel') : undefined;
  if (typeof overrides !== 'string') return stringMap([]);
  return stringMap(
    overrides.split(',').map((override) => {
      const equals = override.indexOf('=');
      if (equals < 0) throw new CallError(`invalid override definition: ${override}`);
      return [override.slice(0, equals), override.slice(equals + 1)];
    }),
  );
}

/** Clusters of the account that are ready in the region, oldest first. */
function readyInRegion(cluster: Struct): Pointer[] {
  return accountClusters(cluster).filter(
    ({ target }) =>
      target instanceof Struct &&
      text(target, 'Region') === text(cluster, 'Region') &&
      text(target, 'LifecycleStatus') === 'ready',
  );
}

function accountClusters(cluster: Struct): Pointer[] {
  const clusters = cluster.get('AccountClusters');
  return (clusters instanceof Slice ? clusters.items() : []).filter((one) => one instanceof Pointer);
}

function idOf({ target }: Pointer): ByteString {
  return target instanceof Struct ? text(target, 'ID') : '';
}

function siblingCluster(cluster: Struct): Pointer {
  const sibling = readyInRegion(cluster).find((other) => idOf(other) !== text(cluster, 'ID'));
  return sibling ?? new Pointer(pointerTo(CLUSTER), undefined);
}

function isOldestReadyInRegion(cluster: Struct): boolean {
  const [oldest] = readyInRegion(cluster);
  return oldest === undefined ? accountClusters(cluster).length === 0 : idOf(oldest) === text(cluster, 'ID');
}

/** A cluster with what CLM derives for it. */
export interface TemplateCluster {
  readonly cluster: Cluster;
  readonly oidcProvider: string;
  readonly trustTemplate: string;
  /** All listed clusters of the same account, this one too, oldest first. */
  readonly accountClusters: readonly TemplateCluster[];
}

/** The cluster as `.Cluster`. The others of the account are made when a template looks at them. */
export function clusterValue(cluster: TemplateCluster): Pointer {
  const known = new Map<TemplateCluster, Pointer>();
  const pointerOf = (one: TemplateCluster): Pointer => {
    const value = known.get(one) ?? pointer(new Struct(CLUSTER, () => fieldValues(one, accountOf(one))));
    known.set(one, value);
    return value;
  };
  const accountOf = (one: TemplateCluster) =>
    new Slice(sliceOf(pointerTo(CLUSTER)), one.accountClusters.map(pointerOf));
  return pointerOf(cluster);
}

function fieldValues({ cluster, oidcProvider, trustTemplate }: TemplateCluster, account: Slice): Value[] {
  const items = Object.entries(cluster.config_items);
  return [
    bytesOf(cluster.alias),
    bytesOf(cluster.api_server_url),
    bytesOf(cluster.channel),
    stringMap(items.map(([key, value]) => [bytesOf(key), bytesOf(value)])),
    new Named(INT32, BigInt(cluster.criticality_level)),
    bytesOf(cluster.environment),
    bytesOf(cluster.id),
    bytesOf(cluster.infrastructure_account),
    bytesOf(cluster.lifecycle_status),
    bytesOf(cluster.local_id),
    new Slice(NODE_POOLS, cluster.node_pools.map(nodePoolValue)),
    new Named(PROVIDER_ID, bytesOf(cluster.provider)),
    bytesOf(cluster.region),
    statusValue(cluster.status),
    bytesOf(cluster.owner),
    bytesOf(cluster.account_name),
    zeroTime,
    account,
    bytesOf(oidcProvider),
    bytesOf(trustTemplate),
  ];
}

function statusValue(status: Cluster['status']): Pointer {
  const problems = status.problems.map(({ type, title, detail }) =>
    pointer(new Struct(PROBLEM, [bytesOf(detail ?? ''), '', new Named(INT32, 0n), bytesOf(title), bytesOf(type)])),
  );
  const versions = [status.current_version, status.last_version, status.next_version].map(bytesOf);
  return pointer(new Struct(STATUS, [...versions, new Slice(sliceOf(pointerTo(PROBLEM)), problems)]));
}
