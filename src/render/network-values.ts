import type { Cluster } from '../domain/cluster.ts';
import { FairwayError } from '../domain/errors.ts';
import type { Network, Subnet } from '../ports/cluster-facts.ts';
import { bytesOf } from './template/byte-string.ts';
import { anyMap, type GoMap, stringMap, stringSlice, type Value } from './template/go-value.ts';

const roles = {
  subnets: 'kubernetes.io/role/node',
  lb_subnets: 'kubernetes.io/role/elb',
  internal_node_subnets: 'kubernetes.io/role/internal-node',
  pod_subnets: 'kubernetes.io/role/pod',
};

const customSubnetTag = 'zalando.org/custom-subnet';

/** What templates see as `.Values` besides what single kinds of files add. */
export type Values = ReadonlyMap<string, Value>;

/** The subnets that a cluster uses, one per role and zone. */
export class ClusterNetwork {
  readonly vpcId: string | undefined;
  readonly #network: Network;
  readonly #cluster: Cluster;
  readonly #subnets: readonly Subnet[];

  /** Throws a FairwayError when the cluster's config item `subnets` names an unknown one. */
  constructor(network: Network, cluster: Cluster) {
    this.#network = network;
    this.#cluster = cluster;
    this.vpcId = cluster.config_items.vpc_id ?? network.vpcId;
    this.#subnets = chooseSubnets(network.subnets, cluster.config_items.subnets);
  }

  /** Ids joined by commas, in the zones' order: the config item `subnets`. */
  get nodeSubnetIds(): string {
    return this.#byZone(roles.subnets, this.#zoneNames()).get('*') ?? '';
  }

  /** All that `.Values` has of the network; `zones` restricts what a node pool sees. */
  values(): Map<string, Value> {
    const zones = this.#zoneNames();
    const ipv6 = this.#byZoneOf(this.#restrict(this.#subnets, zones), roles.subnets);
    return new Map<string, Value>([
      ...this.#zoneValues(zones),
      ['lb_subnets', mapValue(this.#byZone(roles.lb_subnets, zones))],
      ['internal_node_subnets', mapValue(this.#byZone(roles.internal_node_subnets, zones))],
      ['pod_subnets', mapValue(this.#byZone(roles.pod_subnets, undefined))],
      ['subnet_ipv6_cidrs', bytesOf([...ipv6.values()].flatMap((subnet) => subnet.ipv6Cidrs ?? []).join(','))],
      ['vpc_ipv4_cidr', bytesOf(this.#network.vpcCidr)],
      ['vpc_ipv6_cidrs', stringSlice(this.#network.vpcIpv6Cidrs.map(bytesOf))],
    ]);
  }

  /** What changes for a node pool with a config item `availability_zones`. */
  poolValues(zones: string): Map<string, Value> {
    const own = this.#zoneNames();
    const wanted = zones.split(',').filter((zone) => own === undefined || own.includes(zone));
    return this.#zoneValues(wanted);
  }

  #zoneValues(zones: readonly string[] | undefined): Map<string, Value> {
    const subnets = this.#byZone(roles.subnets, zones);
    const names = [...subnets.keys()].filter((zone) => zone !== '*');
    return new Map<string, Value>([
      ['subnets', mapValue(subnets)],
      ['availability_zones', stringSlice(names.map(bytesOf))],
    ]);
  }

  #zoneNames(): string[] | undefined {
    return this.#cluster.config_items.availability_zones?.split(',');
  }

  #restrict(subnets: readonly Subnet[], zones: readonly string[] | undefined): Subnet[] {
    return subnets.filter((subnet) => zones === undefined || zones.includes(subnet.az));
  }

  #byZone(role: string, zones: readonly string[] | undefined): Map<string, string> {
    const chosen = this.#byZoneOf(this.#restrict(this.#subnets, zones), role);
    const ids = [...chosen].map(([zone, subnet]) => [zone, subnet.id] as const);
    if (ids.length === 0) return new Map();
    return new Map([...ids, ['*', ids.map(([, id]) => id).join(',')]]);
  }

  #byZoneOf(subnets: readonly Subnet[], role: string): Map<string, Subnet> {
    const chosen = new Map<string, Subnet>();
    for (const subnet of subnets) {
      const known = chosen.get(subnet.az);
      if (known === undefined || isBetter(subnet, known, role)) chosen.set(subnet.az, subnet);
    }
    return new Map([...chosen].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

function chooseSubnets(subnets: readonly Subnet[], item: string | undefined): Subnet[] {
  const usable = subnets.filter((subnet) => !Object.hasOwn(subnet.tags, customSubnetTag));
  if (item === undefined) return usable;
  const wanted = item.split(',');
  const found = usable.filter((subnet) => wanted.includes(subnet.id));
  if (found.length === wanted.length) return found;
  throw new FairwayError('refused', `invalid or unknown subnets; desired [${wanted.join(' ')}]`);
}

function isBetter(subnet: Subnet, known: Subnet, role: string): boolean {
  const [has, had] = [Object.hasOwn(subnet.tags, role), Object.hasOwn(known.tags, role)];
  return has === had ? subnet.id < known.id : has;
}

function mapValue(map: ReadonlyMap<string, string>): GoMap {
  return stringMap([...map].map(([key, value]) => [bytesOf(key), bytesOf(value)] as const));
}

export function valuesMap(values: Values): GoMap {
  return anyMap(values);
}
