import type { NumberNode } from './ast.ts';
import type { ByteString } from './byte-string.ts';
import { COMPLEX128 } from './go-type.ts';
import { type Complex, Named, type Value } from './go-value.ts';
import { quote } from './quote.ts';
import { unquoteChar } from './unquote.ts';

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

export type NumberLiteral =
  | { readonly outcome: 'number'; readonly node: NumberNode }
  | { readonly outcome: 'refused'; readonly reason: ByteString };

/** More digits than any number has that a template needs. */
const maxDigits = 10_000;

/** Reads a number as Go reads its constants: as every type that can hold it. */
export function readNumber(pos: number, text: ByteString, kind: 'number' | 'complex' | 'charConstant'): NumberLiteral {
  if (text.length > maxDigits) return { outcome: 'refused', reason: `number of more than ${maxDigits} digits` };
  if (kind === 'charConstant') return readCharacter(pos, text);
  if (kind === 'complex') return readComplex(pos, text);
  if (text.endsWith('i')) {
    const im = parseFloat64(text.slice(0, -1));
    if (im !== undefined) return { outcome: 'number', node: complexNode(pos, text, { re: 0, im }) };
  }
  const integer = parseInteger(text);
  if (integer !== undefined && integer >= MIN_INT64 && integer <= MAX_UINT64) return readInteger(pos, text, integer);
  return readFloat(pos, text);
}

function readInteger(pos: number, text: ByteString, value: bigint): NumberLiteral {
  const integer = value <= MAX_INT64 ? value : undefined;
  // Go reads no sign in an unsigned number, except in -0 and +0.
  const unsigned = value === 0n || !/^[+-]/.test(text) ? value : undefined;
  if (integer === undefined && unsigned === undefined) return readFloat(pos, text);
  const node = { kind: 'number', pos, text, integer, unsigned, float: Number(value), complex: undefined } as const;
  return { outcome: 'number', node: { ...node, ideal: integer } };
}

function readFloat(pos: number, text: ByteString): NumberLiteral {
  const float = parseFloat64(text);
  if (float === undefined) return { outcome: 'refused', reason: `illegal number syntax: ${quote(text)}` };
  if (!/[.eEpP]/.test(text)) return { outcome: 'refused', reason: `integer overflow: ${quote(text)}` };
  const whole = wholeNumbers(float);
  return { outcome: 'number', node: { kind: 'number', pos, text, ...whole, float, complex: undefined, ideal: float } };
}

function wholeNumbers(float: number): Pick<NumberNode, 'integer' | 'unsigned'> {
  const value = Number.isInteger(float) ? BigInt(float) : undefined;
  const isInteger = value !== undefined && value >= MIN_INT64 && value <= MAX_INT64;
  const isUnsigned = value !== undefined && value >= 0n && value <= MAX_UINT64;
  return { integer: isInteger ? value : undefined, unsigned: isUnsigned ? value : undefined };
}

function readCharacter(pos: number, text: ByteString): NumberLiteral {
  const char = unquoteChar(text, 1, "'");
  if (char === undefined) return { outcome: 'refused', reason: 'invalid syntax' };
  if (text.slice(char.next) !== "'") return { outcome: 'refused', reason: `malformed character constant: ${text}` };
  const value = BigInt(char.rune);
  const node = { kind: 'number', pos, text, integer: value, unsigned: value, float: char.rune } as const;
  return { outcome: 'number', node: { ...node, complex: undefined, ideal: value } };
}

function readComplex(pos: number, text: ByteString): NumberLiteral {
  const parts = /^(.*[^eEpP])([+-].*)i$/.exec(text);
  const re = parseFloat64(parts?.[1] ?? '');
  const im = parseFloat64(parts?.[2] ?? '');
  if (re === undefined || im === undefined)
    return { outcome: 'refused', reason: 'syntax error scanning complex number' };
  return { outcome: 'number', node: complexNode(pos, text, { re, im }) };
}

function complexNode(pos: number, text: ByteString, value: Complex): NumberNode {
  const whole = value.im === 0 ? wholeNumbers(value.re) : { integer: undefined, unsigned: undefined };
  const complex: Value = new Named(COMPLEX128, value);
  const float = value.im === 0 ? value.re : undefined;
  return { kind: 'number', pos, text, ...whole, float, complex, ideal: complex };
}

const decimal = /^[+-]?(0|[1-9](_?[0-9])*|0(_?[0-7])+)$/;
const prefixed = /^[+-]?0([xX](_?[0-9a-fA-F])+|[oO](_?[0-7])+|[bB](_?[01])+)$/;

/** An integer of any size, in the syntax of Go's constants; undefined if it isn't one. */
export function parseInteger(text: ByteString): bigint | undefined {
  if (!decimal.test(text) && !prefixed.test(text)) return undefined;
  const sign = text.startsWith('-') ? -1n : 1n;
  const digits = text.replace(/^[+-]/, '').replaceAll('_', '');
  return sign * BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
}

const decimalFloat = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/;
const hexFloat = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?[pP]([+-]?[0-9]+)$/;

/** A float64 in the syntax of Go's constants; undefined if it isn't one or is too large. */
export function parseFloat64(text: ByteString): number | undefined {
  if (text.includes('_') && !underscoresSeparateDigits(text)) return undefined;
  const digits = text.replaceAll('_', '');
  const hex = hexFloat.exec(digits);
  const value = hex !== null ? hexValue(hex) : decimalFloat.test(digits) ? Number(digits) : undefined;
  return value === undefined || !Number.isFinite(value) ? undefined : value;
}

function underscoresSeparateDigits(text: ByteString): boolean {
  const digit = /^[+-]?0[xX]/.test(text) ? '0-9a-fA-F' : '0-9';
  const number = text.replace(/^[+-]/, '').replace(/^0[xXbBoO]/, '0');
  return !new RegExp(`(?:^|[^${digit}])_|_(?:$|[^${digit}])`).test(number);
}

function hexValue([, sign, whole = '', fraction = '', exponent = '0']: RegExpExecArray): number | undefined {
  if (whole + fraction === '' || exponent.length > 6) return undefined;
  const value = scaleByPowerOfTwo(BigInt(`0x${whole}${fraction}`), Number(exponent) - 4 * fraction.length);
  return sign === '-' ? -value : value;
}

/** `mantissa × 2^power`, rounded once, to even. */
function scaleByPowerOfTwo(mantissa: bigint, power: number): number {
  if (mantissa === 0n) return 0;
  const bits = mantissa.toString(2).length;
  const lowest = Math.max(bits + power - 53, -1074);
  const drop = lowest - power;
  if (drop <= 0) return Number(mantissa) * 2 ** Math.max(power, -1074) * 2 ** Math.min(0, power + 1074);
  if (drop > bits + 1) return 0;
  const kept = mantissa >> BigInt(drop);
  const rest = mantissa & ((1n << BigInt(drop)) - 1n);
  const half = 1n << BigInt(drop - 1);
  const rounded = rest > half || (rest === half && (kept & 1n) === 1n) ? kept + 1n : kept;
  // In two steps, because 2^lowest alone may be out of a float64's range.
  return Number(rounded) * 2 ** Math.trunc(lowest / 2) * 2 ** (lowest - Math.trunc(lowest / 2));
}
