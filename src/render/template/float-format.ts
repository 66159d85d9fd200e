/** Digits without a point, and where it belongs: 0.digits × 10^point. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

export type FloatVerb = 'e' | 'E' | 'f' | 'g' | 'G' | 'b' | 'x' | 'X';

/**
 * A float as Go's strconv.FormatFloat writes it; `precision` -1 is as many digits as it takes to read the same value again,
 * `bits` is 32 for a float32.
 */
export function formatFloat(value: number, verb: FloatVerb, precision: number, bits: 32 | 64): string {
  if (Number.isNaN(value)) return 'NaN';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return `${sign === '' ? '+' : '-'}Inf`;
  return sign + formatSize(size, verb, precision, bits);
}

function formatSize(size: number, verb: FloatVerb, precision: number, bits: 32 | 64): string {
  switch (verb) {
    case 'b':
      return binary(size, bits);
    case 'x':
      return hexadecimal(size, precision);
    case 'X':
      return hexadecimal(size, precision).toUpperCase();
    case 'f': {
      const decimal = precision < 0 ? shortest(size, bits) : exact(size);
      return plain(decimal, precision < 0 ? Math.max(decimal.digits.length - decimal.point, 0) : precision);
    }
    case 'e':
    case 'E': {
      const decimal = precision < 0 ? shortest(size, bits) : round(exact(size), precision + 1);
      return exponential(decimal, precision < 0 ? decimal.digits.length - 1 : precision, verb);
    }
    default:
      return general(size, verb === 'g' ? 'e' : 'E', precision, bits);
  }
}

/** `%g`: exponential where the exponent is small or larger than the precision. */
function general(size: number, e: 'e' | 'E', precision: number, bits: 32 | 64): string {
  const digits = precision === 0 ? 1 : precision;
  const decimal = digits < 0 ? shortest(size, bits) : trimmed(round(exact(size), digits));
  const exponent = decimal.point - 1;
  const count = decimal.digits.length;
  const limit = digits < 0 ? 6 : digits > count && count >= decimal.point ? count : digits;
  if (size !== 0 && (exponent < -4 || exponent >= limit)) return exponential(decimal, decimal.digits.length - 1, e);
  return plain(decimal, Math.max(decimal.digits.length - decimal.point, 0));
}

/** The shortest digits that read as the same float. */
function shortest(size: number, bits: 32 | 64): Decimal {
  if (size === 0) return { digits: '0', point: 1 };
  let text = size.toExponential();
  for (let precision = 1; bits === 32 && precision <= 9; precision++) {
    text = size.toExponential(precision - 1);
    if (Math.fround(Number(text)) === size) break;
  }
  const [mantissa = '', exponent = '0'] = text.split('e');
  return { digits: mantissa.replace('.', '').replace(/0+$/, ''), point: Number(exponent) + 1 };
}

/** A float is mantissa × 2^exponent. */
function parts(size: number): { readonly mantissa: bigint; readonly exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, size);
  const word = view.getBigUint64(0);
  const biased = Number(word >> 52n);
  const fraction = word & 0xfffffffffffffn;
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | 0x10000000000000n, exponent: biased - 1075 };
}

/** All digits: a float's decimal form is finite. */
function exact(size: number): Decimal {
  if (size === 0) return { digits: '0', point: 1 };
  const { mantissa, exponent } = parts(size);
  if (exponent >= 0) {
    const digits = (mantissa << BigInt(exponent)).toString();
    return { digits, point: digits.length };
  }
  const digits = (mantissa * 5n ** BigInt(-exponent)).toString();
  return { digits, point: digits.length + exponent };
}

/** To so many digits, halves to even. */
function round(decimal: Decimal, count: number): Decimal {
  const { digits, point } = decimal;
  if (count >= digits.length) return decimal;
  if (count < 0) return { digits: '0', point: point - count };
  const kept = digits.slice(0, count);
  const rest = digits.slice(count);
  const half = `5${'0'.repeat(rest.length - 1)}`;
  const isOdd = Number(kept.at(-1) ?? '0') % 2 === 1;
  if (rest < half || (rest === half && !isOdd)) return { digits: kept === '' ? '0' : kept, point };
  const up = (BigInt(kept === '' ? '0' : kept) + 1n).toString();
  return { digits: up.padStart(count, '0'), point: up.length > count ? point + 1 : point };
}

function trimmed({ digits, point }: Decimal): Decimal {
  return { digits: digits.replace(/0+$/, '') || '0', point };
}

/** With so many digits after the point. */
function plain(decimal: Decimal, places: number): string {
  const { digits, point } = round(decimal, decimal.point + places);
  const isZero = /^0*$/.test(digits);
  const whole = isZero || point <= 0 ? '0' : digits.slice(0, point).padEnd(point, '0');
  const fraction = isZero ? '' : point < 0 ? '0'.repeat(-point) + digits : digits.slice(point);
  return places === 0 ? whole : `${whole}.${fraction.slice(0, places).padEnd(places, '0')}`;
}

function exponential({ digits, point }: Decimal, places: number, e: string): string {
  const exponent = /^0*$/.test(digits) ? 0 : point - 1;
  const fraction = places === 0 ? '' : `.${digits.slice(1, places + 1).padEnd(places, '0')}`;
  const sign = exponent < 0 ? '-' : '+';
  return `${digits.charAt(0)}${fraction}${e}${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function binary(size: number, bits: 32 | 64): string {
  const { mantissa, exponent } = parts(size);
  if (bits === 64) return `${mantissa}p${exponent < 0 ? '' : '+'}${exponent}`;
  // A float32 has 29 bits less, down to its own smallest exponent.
  const shift = size === 0 ? 0 : Math.max(29, -149 - exponent);
  const narrow = mantissa >> BigInt(shift);
  const power = size === 0 ? -149 : exponent + shift;
  return `${narrow}p${power < 0 ? '' : '+'}${power}`;
}

/** `0x1.8p+01` */
function hexadecimal(size: number, precision: number): string {
  let { mantissa, exponent } = parts(size);
  if (mantissa === 0n) return `0x0${precision > 0 ? `.${'0'.repeat(precision)}` : ''}p+00`;
  while (mantissa < 1n << 60n) {
    mantissa <<= 1n;
    exponent--;
  }
  if (precision >= 0 && precision < 15) {
    const shift = BigInt(60 - precision * 4);
    const kept = mantissa >> shift;
    const rest = mantissa & ((1n << shift) - 1n);
    const half = 1n << (shift - 1n);
    mantissa = (rest > half || (rest === half && (kept & 1n) === 1n) ? kept + 1n : kept) << shift;
    if (mantissa >= 1n << 61n) {
      mantissa >>= 1n;
      exponent++;
    }
  }
  const digits = (mantissa & ((1n << 60n) - 1n)).toString(16).padStart(15, '0');
  const fraction = precision < 0 ? digits.replace(/0+$/, '') : digits.slice(0, precision).padEnd(precision, '0');
  const power = exponent + 60;
  const sign = power < 0 ? '-' : '+';
  return `0x1${fraction === '' ? '' : `.${fraction}`}p${sign}${String(Math.abs(power)).padStart(2, '0')}`;
}
