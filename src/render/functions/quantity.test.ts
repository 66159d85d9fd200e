import fc from 'fast-check';
import t from 'tap';
import { parseQuantity, type QuantityFormat } from './quantity.ts';
import { kubernetesSizeToKiloBytes, scaleQuantity, sumQuantities } from './quantity-functions.ts';

/** A fraction, so that nothing is rounded before it must be. */
interface Rational {
  readonly top: bigint;
  readonly bottom: bigint;
}

const units: Readonly<Record<string, readonly [format: QuantityFormat, top: bigint, bottom: bigint]>> = {
  n: ['DecimalSI', 1n, 10n ** 9n],
  u: ['DecimalSI', 1n, 10n ** 6n],
  m: ['DecimalSI', 1n, 1000n],
  '': ['DecimalSI', 1n, 1n],
  k: ['DecimalSI', 1000n, 1n],
  M: ['DecimalSI', 10n ** 6n, 1n],
  G: ['DecimalSI', 10n ** 9n, 1n],
  Ki: ['BinarySI', 1024n, 1n],
  Mi: ['BinarySI', 1024n ** 2n, 1n],
  Gi: ['BinarySI', 1024n ** 3n, 1n],
  Ti: ['BinarySI', 1024n ** 4n, 1n],
  e3: ['DecimalExponent', 1000n, 1n],
  'e-2': ['DecimalExponent', 1n, 100n],
};

const written = fc.record({
  sign: fc.constantFrom('', '+', '-'),
  // Ten million Ti are more than an int64 holds, which binary quantities are capped at.
  whole: fc.bigInt({ min: 0n, max: 8_000_000n }),
  fraction: fc.stringMatching(/^[0-9]{0,12}$/),
  unit: fc.constantFrom(...Object.keys(units)),
});
type Written = typeof written extends fc.Arbitrary<infer T> ? T : never;

function textOf({ sign, whole, fraction, unit }: Written): string {
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}${unit}`;
}

function worthOf({ sign, whole, fraction, unit }: Written): Rational {
  const [, top, bottom] = units[unit] ?? ['DecimalSI', 1n, 1n];
  const size = BigInt(`${whole}${fraction}`) * top;
  return { top: sign === '-' ? -size : size, bottom: bottom * 10n ** BigInt(fraction.length) };
}

/** So many of a billionth, away from zero. */
function billionths({ top, bottom }: Rational): bigint {
  const scaled = top * 10n ** 9n;
  const [size, sign] = scaled < 0n ? [-scaled, -1n] : [scaled, 1n];
  return sign * ((size + bottom - 1n) / bottom);
}

/** What a printed quantity is worth, in billionths; it has no fraction. */
function read(text: string): bigint {
  const [, number = '', unit = ''] = /^(-?[0-9]+)(.*)$/.exec(text) ?? [];
  const exponent = /^e(-?[0-9]+)$/.exec(unit)?.[1];
  const [top, bottom] =
    exponent === undefined
      ? (
          units[unit] ??
          { T: ['', 10n ** 12n, 1n], P: ['', 10n ** 15n, 1n], E: ['', 10n ** 18n, 1n] }[unit] ??
          []
        ).slice(1)
      : [10n ** BigInt(Math.max(Number(exponent), 0)), 10n ** BigInt(Math.max(-Number(exponent), 0))];
  if (typeof top !== 'bigint' || typeof bottom !== 'bigint') throw new Error(`not a unit of this test: ${text}`);
  return (BigInt(number) * 10n ** 9n * top) / bottom;
}

t.test('a quantity is worth what stands there, rounded away from zero at a billionth', async () => {
  fc.assert(fc.property(written, (of) => parseQuantity(textOf(of)).nano === billionths(worthOf(of))));
});

t.test('printing and reading again changes neither worth nor text', async () => {
  fc.assert(
    fc.property(written, (of) => {
      const once = sumQuantities([textOf(of)]);
      return parseQuantity(once).nano === billionths(worthOf(of)) && sumQuantities([once]) === once;
    }),
  );
});

t.test('a quantity is printed with the largest unit that leaves a whole number', async () => {
  fc.assert(
    fc.property(written, (of) => {
      const text = sumQuantities([textOf(of)]);
      const [, number = '', unit = ''] = /^-?([0-9]+)(.*)$/.exec(text) ?? [];
      if (text === '0') return true;
      const divisor = unit.endsWith('i') ? 1024n : 1000n;
      return BigInt(number) % divisor !== 0n || (divisor === 1000n && units[of.unit]?.[0] === 'BinarySI');
    }),
  );
});

t.test('a sum is exact, in any order', async () => {
  fc.assert(
    fc.property(fc.array(written, { maxLength: 6 }), (all) => {
      const total = all.reduce((sum, of) => sum + billionths(worthOf(of)), 0n);
      const texts = all.map(textOf);
      return read(sumQuantities(texts)) === total && read(sumQuantities(texts.toReversed())) === total;
    }),
  );
});

t.test('scaling is float32 arithmetic on the whole number, or on thousandths of small ones', async () => {
  const factor = fc.float({ min: Math.fround(0.001), max: 1000, noNaN: true });
  const unit = fc.constantFrom('', 'k', 'Ki', 'Mi', 'e3', 'm');
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 24 }), unit, factor, (whole, unit, by) => {
      const { top } = worthOf({ sign: '', whole: BigInt(whole), fraction: '', unit });
      const size = unit === 'm' ? Math.ceil(whole / 1000) : Number(top);
      const isSmall = size < 1024 && units[unit]?.[0] === 'DecimalSI';
      const scaled = isSmall ? (unit === 'm' ? whole : size * 1000) : size;
      const product = BigInt(Math.trunc(Math.fround(Math.fround(scaled) * by)));
      return read(scaleQuantity(`${whole}${unit}`, by)) === product * (isSmall ? 10n ** 6n : 10n ** 9n);
    }),
    { examples: [[1, 'k', Math.fround(0.001)]] },
  );
});

t.test('a size in KB is rounded up', async () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 40n }), (bytes) => {
      return kubernetesSizeToKiloBytes(String(bytes), 1) === `${(bytes + 1023n) / 1024n}KB`;
    }),
  );
});
