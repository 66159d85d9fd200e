import { isIPv4, isIPv6 } from 'node:net';
import type { ByteString } from '../template/byte-string.ts';
import { CallError } from '../template/template-error.ts';

/** A network; the address is its first. */
export interface IpNetwork {
  readonly address: bigint;
  readonly bits: 32 | 128;
  readonly prefix: number;
}

/** What Go's net.ParseCIDR takes. Throws a CallError. */
export function parseNetwork(cidr: ByteString): IpNetwork {
  const [, host = '', mask = ''] = /^([^/]*)\/([0-9]+)$/.exec(cidr) ?? [];
  const bits = isIPv4(host) ? 32 : isIPv6(host) && !host.includes('%') ? 128 : undefined;
  const prefix = Number(mask);
  if (bits === undefined || prefix > bits) throw new CallError(`invalid CIDR address: ${cidr}`);
  const address = bits === 32 ? parseIpv4(host) : parseIpv6(host);
  const hostBits = BigInt(bits - prefix);
  return { address: (address >> hostBits) << hostBits, bits, prefix };
}

function parseIpv4(text: string): bigint {
  return text.split('.').reduce((address, byte) => (address << 8n) | BigInt(byte), 0n);
}

function parseIpv6(text: string): bigint {
  const embedded = /^(.*:)([0-9.]+\.[0-9]+)$/.exec(text);
  const groups = embedded === null ? text : `${embedded[1]}${lastGroups(parseIpv4(embedded[2] ?? ''))}`;
  const [head = '', tail] = groups.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0');
  return [...first, ...zeros, ...last].reduce((address, group) => (address << 16n) | BigInt(`0x${group}`), 0n);
}

function lastGroups(address: bigint): string {
  return `${(address >> 16n).toString(16)}:${(address & 0xffffn).toString(16)}`;
}

export function formatAddress(address: bigint, bits: 32 | 128): string {
  if (bits === 32 || isMapped(address, bits)) return bytesOf(address & 0xffffffffn, 4).join('.');
  const groups = bytesOf(address, 16).reduce<number[]>((all, byte, index) => {
    if (index % 2 === 0) all.push(byte << 8);
    else all.push((all.pop() ?? 0) | byte);
    return all;
  }, []);
  const text = groups.map((group) => group.toString(16)).join(':');
  const run = [...text.matchAll(/(?<![^:])0(?::0)+(?![^:])/g)].sort((a, b) => b[0].length - a[0].length)[0];
  if (run === undefined) return text;
  const before = text.slice(0, run.index).replace(/:$/, '');
  const after = text.slice(run.index + run[0].length).replace(/^:/, '');
  return `${before}::${after}`;
}

function bytesOf(address: bigint, count: number): number[] {
  return Array.from({ length: count }, (_, index) => Number((address >> BigInt(8 * (count - 1 - index))) & 0xffn));
}

export function formatNetwork({ address, bits, prefix }: IpNetwork): string {
  return `${formatAddress(address, bits)}/${isMapped(address, bits) ? prefix - 96 : prefix}`;
}

/** Whether it is an IPv4 address in IPv6, which Go takes for an IPv4 one. */
function isMapped(address: bigint, bits: 32 | 128): boolean {
  return bits === 128 && address >> 32n === 0xffffn;
}

/** The network's address with so much added to its last byte, modulo 256. */
export function nthAddressFromCIDR(cidr: ByteString, n: bigint): string {
  const { address, bits } = parseNetwork(cidr);
  const last = ((address & 0xffn) + (n < 0n ? 0n : n)) & 0xffn;
  return formatAddress((address & ~0xffn) | last, bits);
}

/** The first three /28 of the second quarter. */
export function stupsNATSubnets(cidr: ByteString): string[] {
  const network = parseNetwork(cidr);
  const { address, bits, prefix } = network;
  if (prefix === 0 || prefix > 24) {
    throw new CallError(`invalid subnet, expecting at least /24: ${formatNetwork(network)}`);
  }
  if (bits !== 32) throw new CallError(`only ipv4 subnets are supported, got ${formatNetwork(network)}`);
  const second = address + (1n << BigInt(30 - prefix));
  return [0n, 16n, 32n].map((offset) => formatNetwork({ address: second + offset, bits, prefix: 28 }));
}
