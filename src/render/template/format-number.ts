import type { ByteString } from './byte-string.ts';
import { type Flags, pad, padding, padWithSpaces } from './flags.ts';
import { type FloatVerb, formatFloat } from './float-format.ts';
import type { Complex } from './go-value.ts';
import { quoteRune } from './quote.ts';
import { encodeRune, isPrint, MAX_RUNE, RUNE_ERROR } from './utf8.ts';

const radixes = new Map([
  ['v', 10],
  ['d', 10],
  ['b', 2],
  ['o', 8],
  ['O', 8],
  ['x', 16],
  ['X', 16],
]);

/** An integer for a verb, undefined if the verb isn't one for integers. */
export function formatInteger(value: bigint, signed: boolean, verb: string, flags: Flags): ByteString | undefined {
  const radix = radixes.get(verb);
  if (radix !== undefined) {
    if (verb !== 'v' || signed || !flags.sharpV) return inRadix(value, radix, verb, flags);
    return inRadix(value, 16, 'x', { ...flags, sharp: true });
  }
  // What isn't a rune becomes U+FFFD; a negative number is a large one to Go.
  const rune = value < 0n || value > BigInt(MAX_RUNE) ? RUNE_ERROR : Number(value);
  switch (verb) {
    case 'c':
      return pad(encodeRune(rune), flags);
    case 'q':
      return pad(quoteRune(rune, flags.plus ? 'ascii' : 'text'), flags);
    case 'U':
      return unicode(BigInt.asUintN(64, value), flags);
    default:
      return undefined;
  }
}

function inRadix(value: bigint, radix: number, verb: string, flags: Flags): ByteString {
  if (flags.precision === 0 && value === 0n) return ' '.repeat(flags.width ?? 0);
  const negative = value < 0n;
  const sign = negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : '';
  const digits = (negative ? -value : value).toString(radix).padStart(leastDigits(sign, flags), '0');
  const text = sign + prefix(digits, radix, verb, flags) + (verb === 'X' ? digits.toUpperCase() : digits);
  return padWithSpaces(text, flags);
}

function leastDigits(sign: string, flags: Flags): number {
  if (flags.precision !== undefined) return flags.precision;
  return flags.zero && !flags.minus && flags.width !== undefined ? flags.width - sign.length : 0;
}

function prefix(digits: string, radix: number, verb: string, flags: Flags): string {
  const octal = flags.sharp && radix === 8 && !digits.startsWith('0') ? '0' : '';
  if (verb === 'O') return `0o${octal}`;
  if (radix === 8) return octal;
  if (!flags.sharp || radix === 10) return '';
  return radix === 2 ? '0b' : verb === 'X' ? '0X' : '0x';
}

/** `U+0041`, with the sharp flag `U+0041 'A'`. */
function unicode(value: bigint, flags: Flags): ByteString {
  const code = `U+${value
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(4, flags.precision ?? 0), '0')}`;
  const shown = flags.sharp && value <= BigInt(MAX_RUNE) && isPrint(Number(value));
  return padWithSpaces(shown ? `${code} '${encodeRune(Number(value))}'` : code, flags);
}

/** A float for a verb, undefined if the verb isn't one for floats. */
export function formatFloatVerb(value: number, bits: 32 | 64, verb: string, flags: Flags): ByteString | undefined {
  switch (verb) {
    case 'v':
      return withFlags(value, bits, 'g', -1, flags);
    case 'b':
    case 'g':
    case 'G':
    case 'x':
    case 'X':
      return withFlags(value, bits, verb, -1, flags);
    case 'f':
    case 'e':
    case 'E':
      return withFlags(value, bits, verb, 6, flags);
    case 'F':
      return withFlags(value, bits, 'f', 6, flags);
    default:
      return undefined;
  }
}

function withFlags(value: number, bits: 32 | 64, verb: FloatVerb, defaultPrecision: number, flags: Flags): ByteString {
  const precision = flags.precision ?? defaultPrecision;
  const text = formatFloat(value, verb, precision, bits);
  const signed = /^[+-]/.test(text) ? text : `+${text}`;
  const sign = flags.space && signed.startsWith('+') && !flags.plus ? ' ' : signed.charAt(0);
  if (!Number.isFinite(value)) return notFinite(value, sign, signed.slice(1), flags);
  const number = flags.sharp && verb !== 'b' ? withPoint(signed.slice(1), verb, precision) : signed.slice(1);
  if (!flags.plus && sign === '+') return pad(number, flags);
  const missing = (flags.width ?? 0) - number.length - 1;
  if (flags.zero && !flags.minus && missing > 0) return sign + padding(missing, flags) + number;
  return pad(sign + number, flags);
}

/** Never padded with zeros; NaN has a sign only if one was asked for. */
function notFinite(value: number, sign: string, name: string, flags: Flags): ByteString {
  const bare = Number.isNaN(value) && !flags.space && !flags.plus;
  return padWithSpaces(bare ? name : sign + name, flags);
}

/** The sharp flag: always a decimal point, and the zeros that `%g` leaves out. */
function withPoint(number: string, verb: FloatVerb, precision: number): string {
  const isHex = verb === 'x' || verb === 'X';
  const [, mantissa = '', tail = ''] = (isHex ? /^([^pP]*)(.*)$/ : /^([^eE]*)(.*)$/).exec(number) ?? [];
  const counted = verb === 'g' || verb === 'G' || verb === 'x';
  const digits = counted ? (precision === -1 ? 6 : precision) : 0;
  // Go counts from the first digit that isn't zero, the x of 0x included.
  const significant = mantissa.replace('.', '').replace(/^0+/, '').length;
  const lone = mantissa === '0' ? 1 : 0;
  const missing = Math.max(digits - significant - lone, 0);
  return `${mantissa}${mantissa.includes('.') ? '' : '.'}${'0'.repeat(missing)}${tail}`;
}

/** A complex number, undefined if the verb isn't one for floats. */
export function formatComplex(value: Complex, verb: string, flags: Flags): ByteString | undefined {
  const re = formatFloatVerb(value.re, 64, verb, flags);
  const im = formatFloatVerb(value.im, 64, verb, { ...flags, plus: true });
  return re === undefined || im === undefined ? undefined : `(${re}${im}i)`;
}
