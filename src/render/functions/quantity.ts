import type { ByteString } from '../template/byte-string.ts';
import { CallError } from '../template/template-error.ts';

/** How a Kubernetes quantity was written, and is written again: `12M`, `12Mi`, `12e6`. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

export interface Quantity {
  /** In units of 1e-9, the smallest there is. */
  readonly nano: bigint;
  readonly format: QuantityFormat;
  /** As Kubernetes keeps what is small enough: an int64 and a power of ten. */
  readonly small?: { readonly value: bigint; readonly exponent: number };
}

const NANO = 10n ** 9n;
const MAX_INT64 = 2n ** 63n - 1n;
export const zeroQuantity: Quantity = { nano: 0n, format: 'DecimalSI' };

const decimalSuffixes = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const binarySuffixes = new Map([
  ['Ki', 10],
  ['Mi', 20],
  ['Gi', 30],
  ['Ti', 40],
  ['Pi', 50],
  ['Ei', 60],
]);

/** Beyond it there is no amount of anything, but it would take all memory, or for ever, to write out. */
const maxExponent = 10_000;
const maxLength = 10_000;

const syntax = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;
const formatMessage = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

interface Suffix {
  readonly base: 2 | 10;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

/** A quantity's text in parts; leading zeros don't count. */
interface Parts extends Suffix {
  readonly negative: boolean;
  readonly whole: string;
  readonly fraction: string;
  readonly hasDigits: boolean;
}

function readParts(text: ByteString): Parts {
  if (text.length > maxLength) throw new CallError(`a quantity may have up to ${maxLength} characters`);
  const match = text === '' ? null : syntax.exec(text);
  if (match === null) throw new CallError(formatMessage);
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match;
  const hasDigits = whole + fraction !== '';
  return { ...readSuffix(suffix), negative: sign === '-', whole: whole.replace(/^0+/, '') || '0', fraction, hasDigits };
}

function readSuffix(suffix: string): Suffix {
  const decimal = decimalSuffixes.get(suffix);
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: 'DecimalSI' };
  const binary = binarySuffixes.get(suffix);
  if (binary !== undefined) return { base: 2, exponent: binary, format: 'BinarySI' };
  const exponent = /^[eE]([+-]?[0-9]+)$/.exec(suffix)?.[1];
  if (exponent === undefined) throw new CallError("unable to parse quantity's suffix");
  if (Math.abs(Number(exponent)) > maxExponent)
    throw new CallError(`the exponent of a quantity may be up to ${maxExponent}`);
  return { base: 10, exponent: Number(exponent), format: 'DecimalExponent' };
}

/** Whether Kubernetes keeps it as an integer and a power of ten, not as a decimal of any size. */
function isSmall({ base, exponent, whole, fraction }: Parts): boolean {
  if (base === 10) return whole.length + fraction.length <= 18 && exponent - fraction.length >= -9;
  return fraction === '' && whole.length <= 14 - Math.trunc((exponent * 3) / 10);
}

/** Exact, but away from zero at the ninth place. Throws a CallError. */
export function parseQuantity(text: ByteString): Quantity {
  const parts = readParts(text);
  if (!parts.hasDigits && !isSmall(parts)) throw new CallError('unable to parse numeric part of quantity');
  const digits = BigInt(parts.whole + parts.fraction);
  const places = (parts.base === 10 ? parts.exponent : 0) - parts.fraction.length + 9;
  const scaled = parts.base === 2 ? digits << BigInt(parts.exponent) : digits;
  const exact = places >= 0 ? scaled * 10n ** BigInt(places) : divideUp(scaled, 10n ** BigInt(-places));
  const size = parts.base === 2 && exact > MAX_INT64 * NANO ? MAX_INT64 * NANO : exact;
  const isFraction = parts.base === 2 && size > 0n && size < NANO;
  const sign = parts.negative ? -1n : 1n;
  const quantity = { nano: sign * size, format: isFraction ? 'DecimalSI' : parts.format } as const;
  if (!isSmall(parts)) return quantity;
  const exponent = parts.base === 10 ? parts.exponent - parts.fraction.length : 0;
  return { ...quantity, small: { value: sign * scaled, exponent } };
}

/** The quantity as a whole number, undefined where Kubernetes doesn't keep it as one. Throws a CallError. */
export function wholeQuantity(text: ByteString): bigint | undefined {
  const { small } = parseQuantity(text);
  if (small === undefined || small.exponent < 0) return undefined;
  const value = small.value * 10n ** BigInt(small.exponent);
  return isInt64(value) ? value : undefined;
}

/** The sum takes the format of what is added to zero. */
export function addQuantities(total: Quantity, added: Quantity): Quantity {
  return { nano: total.nano + added.nano, format: total.nano === 0n ? added.format : total.format };
}

/**
 * In units of 10^-places, away from zero, as an int64. What doesn't fit, and some negative fractions, come out as the
 * nonsense that Kubernetes makes of them.
 */
export function roundedUp({ nano, small }: Quantity, places: 0 | 3): bigint {
  if (small === undefined) return roundedUpDecimal(nano, 9 - places);
  const shift = small.exponent + places;
  if (shift >= 0) return multiplied(small.value, shift);
  const divisor = 10n ** BigInt(-shift);
  const value = small.value / divisor;
  if (small.value % divisor === 0n) return value;
  return small.value < 0n ? value - 1n : value + 1n;
}

/** Kubernetes notices an overflow, but not at these powers of ten. */
function multiplied(value: bigint, shift: number): bigint {
  const product = value * 10n ** BigInt(shift);
  return isInt64(product) || [1, 2, 3, 6, 9].includes(shift) ? BigInt.asIntN(64, product) : 0n;
}

function roundedUpDecimal(nano: bigint, digits: number): bigint {
  if (nano === MAX_INT64 * NANO || nano === -MAX_INT64 * NANO) return nano / NANO;
  const divisor = 10n ** BigInt(digits);
  const value = nano < MAX_INT64 ? BigInt.asIntN(64, nano) : nano;
  return BigInt.asIntN(64, value / divisor + (value % divisor === 0n ? 0n : 1n));
}

function isInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

function divideUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0';
  const isWhole = nano % NANO === 0n;
  const isLarge = nano <= -1024n * NANO || nano >= 1024n * NANO;
  if (format === 'BinarySI' && isWhole && isLarge) return binary(nano / NANO);
  let mantissa = nano;
  let exponent = -9;
  while (mantissa % 1000n === 0n) {
    mantissa /= 1000n;
    exponent += 3;
  }
  if (format === 'DecimalExponent') return exponent === 0 ? String(mantissa) : `${mantissa}e${exponent}`;
  return `${mantissa}${suffixFor(decimalSuffixes, exponent)}`;
}

function binary(value: bigint): string {
  // Kubernetes can't divide the smallest int64, whose negation doesn't fit.
  if (value === -MAX_INT64 - 1n) return String(value);
  let mantissa = value;
  let exponent = 0;
  while (mantissa % 1024n === 0n) {
    mantissa /= 1024n;
    exponent += 10;
  }
  return `${mantissa}${suffixFor(binarySuffixes, exponent)}`;
}

/** Beyond the largest suffix there is none, and Kubernetes writes the mantissa alone. */
function suffixFor(suffixes: ReadonlyMap<string, number>, exponent: number): string {
  return [...suffixes].find(([, value]) => value === exponent)?.[0] ?? '';
}
