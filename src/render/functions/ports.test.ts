import fc from 'fast-check';
import t from 'tap';
import { sprint } from '../template/printf.ts';
import { portRanges, sgIngressRanges, splitHostPort } from './ports.ts';

const range = fc.tuple(fc.nat(65535), fc.nat(65535)).map((pair) => pair.toSorted((a, b) => a - b));

t.test('port ranges are read as they are written', async () => {
  fc.assert(
    fc.property(fc.array(range, { minLength: 1 }), (ranges) => {
      const printed = sprint([portRanges(ranges.map((pair) => pair.join('-')).join(','))]);
      return printed === `[${ranges.map((pair) => `{${pair.join(' ')}}`).join(' ')}]`;
    }),
  );
});

t.test('ingress ranges are read as they are written, tcp if nothing is said', async () => {
  const protocol = fc.constantFrom('', 'tcp:', 'udp:');
  fc.assert(
    fc.property(fc.array(fc.tuple(protocol, range, fc.boolean()), { minLength: 1 }), (all) => {
      const texts = all.map(([kind, [from, to], one]) => `${kind}10.0.0.0/8:${one ? from : `${from}-${to}`}`);
      const printed = all.map(
        ([kind, [from, to], one]) => `{10.0.0.0/8 ${from} ${one ? from : to} ${kind === 'udp:' ? 'udp' : 'tcp'}}`,
      );
      return sprint([sgIngressRanges(texts.join(','))]) === `[${printed.join(' ')}]`;
    }),
  );
});

t.test('host and port are what was put together', async () => {
  const host = fc.constantFrom('a', '', 'a.b', '::1', 'fe80::1%eth0', '10.0.0.1');
  const port = fc.constantFrom('', '1', 'http');
  fc.assert(
    fc.property(host, port, (host, port) => {
      const split = splitHostPort(`${host.includes(':') ? `[${host}]` : host}:${port}`);
      return split.get('Host') === host && split.get('Port') === port;
    }),
  );
});
