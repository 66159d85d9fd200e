import type { Random } from '../template/fuzz/random.ts';
import { quote } from '../template/quote.ts';
import { addresses, hosts, masks, paths, portTexts, ranges, schemes } from './address-words.ts';
import { pemTexts } from './pem-texts.ts';
import { digits, factors, fractions, integers, longDigits, numberTexts, suffixes } from './quantity-words.ts';

const words = [
  '',
  'a',
  'abc',
  'a:b',
  'a:b:c',
  ':',
  'aws:123',
  'eu-central-1c',
  '-',
  'x-',
  'a,b,c',
  ',',
  'a\nb\n',
  'l1\nl2',
] as const;
const moreWords = [
  '/a/b',
  '/',
  '//a',
  'a/b',
  '$',
  '$-$',
  'x$y$',
  'h\xc3\xa9',
  '\xff',
  '\xf0\x9f\x98\x80',
  ' ',
  'YQ==',
  'YWJj',
  'YQ',
] as const;
const base64s = [
  'YWI=',
  'YWI',
  'YQ=',
  'YQ==\n',
  'Y\nQ==',
  'YQ=\r\n=',
  'YQ==YQ==',
  '!!',
  'YWJ!',
  '====',
  'A',
  '=',
  'YQ=a',
  'YWJj\n\n',
  'YR==',
] as const;

type Maker = () => string;

/** Makes templates of calls of CLM's functions, mostly with arguments that make sense. */
export class FunctionGenerator {
  readonly #random: Random;
  readonly #makers: readonly [Maker, ...Maker[]];

  constructor(random: Random) {
    this.#random = random;
    this.#makers = [
      () =>
        this.#call(this.#random.pick(['base64', 'sha256', 'awsValidID', 'azID', 'accountID', 'getAWSAccountID']), [
          this.#word(),
        ]),
      () => this.#call('base64Decode', [this.#text(this.#random.pick(base64s))]),
      () => this.#call('mountUnitName', [this.#word()]),
      () => this.#call(this.#random.pick(['hasPrefix', 'hasSuffix', 'split']), [this.#word(), this.#word()]),
      () => this.#call('join', [this.#word(), this.#anything()]),
      () => this.#call('indent', [this.#random.pick(integers.slice(0, 8) as [string, ...string[]]), this.#word()]),
      () =>
        this.#call(
          this.#random.pick(['dict', 'list']),
          this.#random.list(4, () => this.#anything()),
        ),
      () => this.#appends(),
      () => this.#call('asgSize', [this.#integer(), this.#integer()]),
      () => this.#call('splitHostPort', [this.#text(this.#random.pick(hosts) + this.#random.pick(portTexts))]),
      () => this.#call('portRanges', [this.#text(this.#portRanges())]),
      () => this.#call('sgIngressRanges', [this.#text(this.#ingressRanges())]),
      () => this.#call('extractEndpointHosts', [this.#text(this.#endpoints())]),
      () => this.#call('extractEndpointHosts', [this.#text(this.#endpoints())]),
      () => this.#call('nthAddressFromCIDR', [this.#text(this.#cidr()), this.#integer()]),
      () => this.#call('stupsNATSubnets', [this.#text(this.#cidr())]),
      () => this.#call('nodeCIDRMaxNodesPodCIDR', [this.#integer(), this.#integer(), this.#integer()]),
      () => this.#call(this.#random.pick(['nodeCIDRMaxNodes', 'nodeCIDRMaxPods']), [this.#integer(), this.#integer()]),
      () => this.#call('parseInt64', [this.#text(this.#random.pick(numberTexts))]),
      () => this.#call('indexedList', [this.#word(), this.#random.pick(integers.slice(0, 8) as [string, ...string[]])]),
      () =>
        this.#call(
          'sumQuantities',
          this.#random.list(4, () => this.#text(this.#quantity())),
        ),
      () => this.#call('sumQuantities', [this.#text(this.#quantity())]),
      () => this.#call('scaleQuantity', [this.#text(this.#quantity()), this.#random.pick(factors)]),
      () => this.#call('scaleQuantity', [this.#text(this.#quantity()), this.#random.pick(factors)]),
      () => this.#call('kubernetesSizeToKiloBytes', [this.#text(this.#quantity()), this.#random.pick(factors)]),
      () => this.#call('generateOIDCDiscoveryDocument', [this.#word()]),
      () => this.#pem(),
    ];
  }

  generate(): string {
    if (this.#random.chance(0.1)) return `{{range $i, $e := ${this.#pick()}}}{{$i}}={{$e}};{{end}}`;
    if (this.#random.chance(0.1)) return `{{printf "%q" ${`(${this.#pick()})`}}}`;
    return `{{${this.#pick()}}}`;
  }

  #pick(): string {
    return this.#random.pick(this.#makers)();
  }

  /** Sometimes with an argument too many, too few, or of another type, or with the last through the pipe. */
  #call(name: string, args: readonly string[]): string {
    const given = this.#random.chance(0.04) ? [...args, this.#anything()].slice(this.#random.below(2)) : args;
    const last = given.at(-1);
    if (last === undefined || this.#random.chance(0.85)) return [name, ...given].join(' ');
    return `${last} | ${[name, ...given.slice(0, -1)].join(' ')}`;
  }

  #text(text: string): string {
    return quote(text);
  }

  #word(): string {
    if (this.#random.chance(0.03)) return this.#anything();
    const word = () => (this.#random.chance(0.6) ? this.#random.pick(words) : this.#random.pick(moreWords));
    return this.#text(this.#random.chance(0.8) ? word() : `${word()}${word()}${word()}`);
  }

  #integer(): string {
    return this.#random.pick(integers);
  }

  #anything(): string {
    return this.#random.pick<Maker>([
      () => this.#text(this.#random.pick(words)),
      () => this.#text(this.#random.pick(words)),
      () => this.#random.pick(integers),
      () => 'nil',
      () => 'true',
      () => '1.5',
      () => '(list 1 "a" nil)',
      () => '(split "a,b" ",")',
      () => '(dict "a" 1)',
      () => '(list (list) (dict "b" "c") 2.5)',
      () => '(splitHostPort "h:1")',
    ])();
  }

  #appends(): string {
    const grow = this.#random.list(
      6,
      () => `{{$x = append $x${this.#random.list(3, () => ` ${this.#word()}`).join('')}}}`,
    );
    const branch = `{{$y := append $x "y"}}{{$z := append $x "z"}}{{$x}}{{$y}}{{$z}}{{$w := append (slice $x 0 1) "w"}}{{$x}}{{$w}}`;
    return `$x := split ${this.#word()} ","}}${grow.join('')}${branch}{{$x`;
  }

  #quantity(): string {
    const whole = this.#random.chance(0.75) ? this.#random.pick(digits) : this.#random.pick(longDigits);
    const random = this.#random.chance(0.3) ? String(this.#random.below(2 ** 31)) : whole;
    const text = this.#random.chance(0.04) ? '' : random;
    return `${this.#random.pick(['', '', '', '', '-', '+'])}${text}${this.#random.pick(fractions)}${this.#random.pick(suffixes)}`;
  }

  #cidr(): string {
    if (this.#random.chance(0.4)) {
      const octets = Array.from({ length: 4 }, () => this.#random.below(256));
      return `${octets.join('.')}/${this.#random.below(34)}`;
    }
    if (this.#random.chance(0.3)) {
      const groups = Array.from({ length: 8 }, () =>
        this.#random.chance(0.5) ? '0' : this.#random.below(65536).toString(16),
      );
      return `${groups.join(':')}/${this.#random.below(130)}`;
    }
    return this.#random.pick(addresses) + this.#random.pick(masks);
  }

  #portRanges(): string {
    const range = () =>
      this.#random.chance(0.7)
        ? `${this.#random.below(70000)}-${this.#random.below(70000)}`
        : this.#random.pick(ranges);
    return [range(), ...this.#random.list(2, range)].join(',');
  }

  #ingressRanges(): string {
    const range = () => {
      const protocol = this.#random.pick(['', '', '', 'tcp:', 'udp:', 'icmp:', 'TCP:', ':']);
      return `${protocol}${this.#cidr()}${this.#random.pick([':', ':', ':', '', '::'])}${this.#random.pick(ranges)}`;
    };
    return [range(), ...this.#random.list(2, range)].join(',');
  }

  #endpoints(): string {
    const endpoint = () =>
      this.#random.pick(schemes) +
      this.#random.pick(hosts) +
      (this.#random.chance(0.2) ? this.#random.pick(hosts) : '') +
      this.#random.pick(portTexts) +
      this.#random.pick(paths);
    return [endpoint(), ...this.#random.list(2, endpoint)].join(this.#random.pick([',', ',', ', ']));
  }

  #pem(): string {
    const name = this.#random.pick(['publicKey', 'certificateExpiry', 'generateJWKSDocument']);
    let text = this.#random.pick(pemTexts);
    if (this.#random.chance(0.3)) {
      const at = this.#random.below(text.length);
      text = text.slice(0, at) + this.#random.pick(['\n', '-', ' ', '=', ':', '\r\n', '\t', '!']) + text.slice(at);
    }
    if (this.#random.chance(0.1)) text = this.#random.pick(['junk\n', '\n', 'a: b\n', '-----BEGIN X-----\n']) + text;
    if (this.#random.chance(0.1)) text = text.replaceAll('\n', '\r\n');
    return this.#call(name, [this.#text(text)]);
  }
}
