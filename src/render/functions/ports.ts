import type { ByteString } from '../template/byte-string.ts';
import { INT, STRING, sliceOf, structType } from '../template/go-type.ts';
import { Slice, Struct } from '../template/go-value.ts';
import { CallError } from '../template/template-error.ts';
import { formatNetwork, parseNetwork } from './ip-network.ts';
import { splitText } from './split-text.ts';

const HOST_PORT = structType('provisioner.HostPort', [
  { name: 'Host', type: STRING },
  { name: 'Port', type: STRING },
]);
const PORT_RANGE = structType('provisioner.PortRange', [
  { name: 'FromPort', type: INT },
  { name: 'ToPort', type: INT },
]);
const INGRESS_RANGE = structType('provisioner.SGIngressRange', [
  { name: 'CIDR', type: STRING },
  { name: 'FromPort', type: INT },
  { name: 'ToPort', type: INT },
  { name: 'Protocol', type: STRING },
]);

/** `1-2,80-443` */
export function portRanges(ranges: ByteString): Slice {
  const parsed = splitText(ranges, ',').map((range) => {
    const [from, to, more] = range.split('-');
    if (from === undefined || to === undefined || more !== undefined) {
      throw new CallError(`invalid input for portRange: ${ranges}`);
    }
    return new Struct(PORT_RANGE, readRange(from, to, ranges));
  });
  return new Slice(sliceOf(PORT_RANGE), parsed);
}

/** `[tcp:|udp:]cidr:port[-port],…` */
export function sgIngressRanges(ranges: ByteString): Slice {
  const parsed = splitText(ranges, ',').map((range) => {
    const fields = range.split(':');
    const [portRange = '', cidr, protocol = 'tcp', more] = fields.reverse();
    if (cidr === undefined || more !== undefined) throw new CallError(`invalid input for sgIngressRanges: ${ranges}`);
    if (protocol !== 'tcp' && protocol !== 'udp') {
      throw new CallError(`invalid protocol '${protocol}' only 'tcp' or 'udp' supported: ${ranges}`);
    }
    const network = formatNetwork(parseNetwork(cidr));
    const [from = '', to = from, third] = portRange.split('-');
    if (third !== undefined) throw new CallError(`invalid input for sgIngressRanges: ${ranges}`);
    return new Struct(INGRESS_RANGE, [network, ...readRange(from, to, ranges), protocol]);
  });
  return new Slice(sliceOf(INGRESS_RANGE), parsed);
}

function readRange(from: ByteString, to: ByteString, input: ByteString): [bigint, bigint] {
  const fromPort = readPort(from) ?? refusePort('start', from, input);
  const toPort = readPort(to) ?? refusePort('end', to, input);
  if (fromPort > toPort || toPort > 65535n || fromPort < 0n) {
    throw new CallError(`port range ${fromPort}-${toPort} is invalid`);
  }
  return [fromPort, toPort];
}

function refusePort(which: 'start' | 'end', port: ByteString, input: ByteString): never {
  throw new CallError(`invalid ${which} port: ${port} in input: ${input}`);
}

/** What Go's strconv.Atoi takes. */
function readPort(text: ByteString): bigint | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.replace('+', ''));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** Go's net.SplitHostPort. */
export function splitHostPort(address: ByteString): Struct {
  const colon = address.lastIndexOf(':');
  if (colon < 0) refuseAddress(address, 'missing port in address');
  const bracketed = address.startsWith('[');
  const close = bracketed ? closingBracket(address, colon) : -1;
  const host = bracketed ? address.slice(1, close) : address.slice(0, colon);
  if (!bracketed && host.includes(':')) refuseAddress(address, 'too many colons in address');
  if (address.includes('[', bracketed ? 1 : 0)) refuseAddress(address, "unexpected '[' in address");
  if (address.includes(']', close + 1)) refuseAddress(address, "unexpected ']' in address");
  return new Struct(HOST_PORT, [host, address.slice(colon + 1)]);
}

function closingBracket(address: ByteString, colon: number): number {
  const close = address.indexOf(']');
  if (close < 0) return refuseAddress(address, "missing ']' in address");
  if (close + 1 === colon) return close;
  const tooMany = address[close + 1] === ':';
  return refuseAddress(address, tooMany ? 'too many colons in address' : 'missing port in address');
}

function refuseAddress(address: ByteString, reason: string): never {
  throw new CallError(address === '' ? reason : `address ${address}: ${reason}`);
}
