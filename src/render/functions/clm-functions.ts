import { INSTANCE_TYPE } from '../instance.ts';
import { NODE_POOL } from '../node-pool-value.ts';
import type { ByteString } from '../template/byte-string.ts';
import {
  ANY,
  FLOAT32,
  FLOAT64,
  type Functions,
  type GoFunction,
  INT,
  INT64,
  type ParameterType,
  pointerTo,
  STRING,
  STRING_MAP,
  STRINGS,
  sliceOf,
} from '../template/go-type.ts';
import { anySlice, GoMap, Named, Slice, type Struct, stringSlice, type Value } from '../template/go-value.ts';
import { integerOf, stringOf } from '../template/reflect.ts';
import { CallError } from '../template/template-error.ts';
import { append } from './append.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { extractEndpointHosts } from './endpoint-hosts.ts';
import { nthAddressFromCIDR, stupsNATSubnets } from './ip-network.ts';
import { certificateExpiry, generateJWKSDocument, generateOIDCDiscoveryDocument, publicKey, sha256 } from './keys.ts';
import { asgSize, nodeCIDRMaxNodes, nodeCIDRMaxPods, parseInt64 } from './numbers.ts';
import { nodeLifeCycleProviderPerNodePoolGroup, zoneDistributedNodePoolGroups } from './pool-groups.ts';
import { portRanges, sgIngressRanges, splitHostPort } from './ports.ts';
import { kubernetesSizeToKiloBytes, memoryQuantity, scaleQuantity, sumQuantities } from './quantity-functions.ts';
import { accountID, azID, dict, getAWSAccountID, indent, indexedList, join, mountUnitName, split } from './strings.ts';

/** What CLM's functions need to know besides their arguments. All text is bytes (ByteString). */
export interface FunctionContext {
  /** By name, e.g. `m5.large`. In cf-manifests, where CLM has none: undefined. */
  readonly instanceTypes: ReadonlyMap<string, Struct> | undefined;
  /** The image's id; throws a CallError if there isn't exactly one. */
  imageId(name: ByteString, owner: ByteString): ByteString;
  /** The rendered text of a sibling, for manifestHash; see SiblingTexts. Throws a CallError. */
  siblingText(path: ByteString): ByteString;
}

const NODE_POOLS = sliceOf(pointerTo(NODE_POOL));

/** Functions that know nothing but their arguments. */
const pureFunctions: Functions = new Map<string, GoFunction>([
  ['getAWSAccountID', strings(1, getAWSAccountID)],
  ['base64', strings(1, encodeBase64)],
  ['base64Decode', strings(1, decodeBase64)],
  ['sha256', strings(1, sha256)],
  ['hasPrefix', strings(2, (text, prefix) => text.startsWith(prefix))],
  ['hasSuffix', strings(2, (text, suffix) => text.endsWith(suffix))],
  ['awsValidID', strings(1, (id) => id.replaceAll(':', '__'))],
  ['accountID', strings(1, accountID)],
  ['azID', strings(1, azID)],
  ['azCount', typed([STRING_MAP], ([zones]) => BigInt(zones instanceof GoMap ? countZones(zones) : 0))],
  ['split', strings(2, split)],
  ['join', typed([STRING, ANY], ([separator, list]) => join(text(separator), list))],
  ['indent', typed([INT, STRING], ([spaces, value]) => indent(integer(spaces), text(value)))],
  ['dict', { params: [], rest: ANY, call: dict }],
  ['list', { params: [], rest: ANY, call: anySlice }],
  ['append', { params: [STRINGS], rest: STRING, call: ([slice, ...added]) => append(toSlice(slice), added) }],
  ['mountUnitName', strings(1, mountUnitName)],
  ['asgSize', typed([INT64, INT], ([size, groups]) => asgSize(integer(size), integer(groups)))],
  ['splitHostPort', strings(1, splitHostPort)],
  ['portRanges', strings(1, portRanges)],
  ['sgIngressRanges', strings(1, sgIngressRanges)],
  ['extractEndpointHosts', strings(1, (endpoints) => stringSlice(extractEndpointHosts(endpoints)))],
  ['nthAddressFromCIDR', typed([STRING, INT], ([cidr, n]) => nthAddressFromCIDR(text(cidr), integer(n)))],
  ['stupsNATSubnets', strings(1, (cidr) => stringSlice(stupsNATSubnets(cidr)))],
  ['nodeCIDRMaxNodes', int64s(2, (mask, reserved) => nodeCIDRMaxNodes(16n, mask, reserved))],
  ['nodeCIDRMaxNodesPodCIDR', int64s(3, nodeCIDRMaxNodes)],
  ['nodeCIDRMaxPods', int64s(2, nodeCIDRMaxPods)],
  ['parseInt64', strings(1, (value) => new Named(INT64, parseInt64(value)))],
  ['indexedList', typed([STRING, INT64], ([item, length]) => indexedList(text(item), integer(length)))],
  ['publicKey', strings(1, publicKey)],
  ['certificateExpiry', strings(1, certificateExpiry)],
  ['generateJWKSDocument', strings(1, generateJWKSDocument)],
  ['generateOIDCDiscoveryDocument', strings(1, generateOIDCDiscoveryDocument)],
  ['zoneDistributedNodePoolGroups', typed([NODE_POOLS], ([pools]) => zoneDistributedNodePoolGroups(toSlice(pools)))],
  [
    'nodeLifeCycleProviderPerNodePoolGroup',
    typed([NODE_POOLS], ([pools]) => nodeLifeCycleProviderPerNodePoolGroup(toSlice(pools))),
  ],
  ['sumQuantities', { params: [], rest: STRING, call: (quantities) => sumQuantities(quantities.map(text)) }],
  ['scaleQuantity', typed([STRING, FLOAT32], ([quantity, by]) => scaleQuantity(text(quantity), float(by)))],
  [
    'kubernetesSizeToKiloBytes',
    typed([STRING, FLOAT64], ([size, by]) => kubernetesSizeToKiloBytes(text(size), float(by))),
  ],
]);

/** The functions that CLM adds to Go's built-in ones. */
export function clmFunctions(context: FunctionContext): Functions {
  const { instanceTypes } = context;
  return new Map([
    ...pureFunctions,
    ['manifestHash', strings(1, (path) => sha256(context.siblingText(path)))],
    ['amiID', strings(2, (name, owner) => context.imageId(name, owner))],
    ['instanceTypeCPUQuantity', ofInstance(instanceTypes, (instance) => String(instanceField(instance, 'VCPU')))],
    [
      'instanceTypeMemoryQuantity',
      ofInstance(instanceTypes, (instance) => memoryQuantity(instanceField(instance, 'Memory'))),
    ],
  ]);
}

function ofInstance(known: FunctionContext['instanceTypes'], read: (instance: Struct) => string): GoFunction {
  return typed([INSTANCE_TYPE], ([type]) => {
    if (known === undefined) throw new CallError('runtime error: invalid memory address or nil pointer dereference');
    const instance = known.get(text(type));
    if (instance === undefined) throw new CallError(`unknown instance type: ${text(type)}`);
    return read(instance);
  });
}

function instanceField(instance: Struct, name: 'VCPU' | 'Memory'): bigint {
  return integer(instance.get(name));
}

function typed(params: readonly ParameterType[], call: GoFunction['call']): GoFunction {
  return { params, call };
}

/** Of so many strings. */
function strings(count: 1 | 2, call: (first: ByteString, second: ByteString) => Value): GoFunction {
  return typed(new Array(count).fill(STRING), ([first, second]) => call(text(first), text(second)));
}

/** Of so many int64, with an int64 as result. */
function int64s(count: 2 | 3, call: (first: bigint, second: bigint, third: bigint) => bigint): GoFunction {
  return typed(
    new Array(count).fill(INT64),
    ([first, second, third]) => new Named(INT64, call(integer(first), integer(second), integer(third ?? 0n))),
  );
}

function text(value: Value): ByteString {
  return stringOf(value) ?? '';
}

function integer(value: Value): bigint {
  return integerOf(value) ?? 0n;
}

function float(value: Value): number {
  if (value instanceof Named) return Number(value.value);
  return typeof value === 'number' ? value : 0;
}

function toSlice(value: Value): Slice {
  return value instanceof Slice ? value : new Slice(STRINGS, undefined);
}

function countZones(zones: GoMap): number {
  return [...(zones.entries?.keys() ?? [])].filter((zone) => zone !== '*').length;
}
