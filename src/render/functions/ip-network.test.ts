import { BlockList } from 'node:net';
import fc from 'fast-check';
import t from 'tap';
import { formatAddress, formatNetwork, nthAddressFromCIDR, parseNetwork, stupsNATSubnets } from './ip-network.ts';

const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
const groups = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 });

function numberOf(parts: readonly number[], bits: bigint): bigint {
  return parts.reduce((sum, part) => (sum << bits) + BigInt(part), 0n);
}

t.test('a network begins at the first address with its prefix, and has all that share it', async () => {
  fc.assert(
    fc.property(octets, fc.integer({ min: 1, max: 32 }), octets, (address, prefix, other) => {
      const network = parseNetwork(`${address.join('.')}/${prefix}`);
      const size = 2n ** BigInt(32 - prefix);
      const list = new BlockList();
      list.addSubnet(address.join('.'), prefix);
      const isIn = (at: bigint) => at >= network.address && at < network.address + size;
      return (
        network.address % size === 0n &&
        isIn(numberOf(address, 8n)) &&
        isIn(numberOf(other, 8n)) === list.check(other.join('.'))
      );
    }),
  );
});

t.test('an IPv4 address is written as it is read', async () => {
  fc.assert(fc.property(octets, (address) => formatAddress(numberOf(address, 8n), 32) === address.join('.')));
});

t.test('an IPv6 address is written as browsers write it, and read again', async () => {
  fc.assert(
    fc.property(groups, (address) => {
      const long = address.map((group) => group.toString(16)).join(':');
      const text = formatAddress(numberOf(address, 16n), 128);
      const isMapped = numberOf(address, 16n) >> 32n === 0xffffn;
      const standard = new URL(`http://[${long}]`).hostname.slice(1, -1);
      return isMapped || (text === standard && parseNetwork(`${text}/128`).address === numberOf(address, 16n));
    }),
  );
});

t.test('the nth address stays in the last byte', async () => {
  fc.assert(
    fc.property(octets, fc.integer({ min: 0, max: 32 }), fc.nat(100_000), (address, prefix, n) => {
      const first = parseNetwork(`${address.join('.')}/${prefix}`).address;
      const last = (Number(first % 256n) + n) % 256;
      return (
        nthAddressFromCIDR(`${address.join('.')}/${prefix}`, BigInt(n)) ===
        formatAddress(first - (first % 256n) + BigInt(last), 32)
      );
    }),
  );
});

t.test('the NAT subnets are the first three of sixteen addresses in the second quarter', async () => {
  fc.assert(
    fc.property(octets, fc.integer({ min: 1, max: 24 }), (address, prefix) => {
      const network = parseNetwork(`${address.join('.')}/${prefix}`);
      const quarter = network.address + 2n ** BigInt(32 - prefix) / 4n;
      const subnets = stupsNATSubnets(formatNetwork(network)).map(parseNetwork);
      return subnets.every(({ address, prefix }, index) => prefix === 28 && address === quarter + 16n * BigInt(index));
    }),
  );
});

t.test('what is no network is refused with its text', async (t) => {
  for (const text of [
    '',
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0/8',
    '010.0.0.0/8',
    '::/129',
    'fe80::1%eth0/64',
    '10.0.0.0/',
    'a/8',
  ]) {
    t.throws(() => parseNetwork(text), { message: `invalid CIDR address: ${text}` });
  }
});
