import type { ByteString } from './byte-string.ts';

/** What Go reads for bytes that aren't UTF-8: U+FFFD, one byte wide. */
export const RUNE_ERROR = 0xfffd;
export const MAX_RUNE = 0x10ffff;

export interface Rune {
  readonly rune: number;
  /** In bytes. */
  readonly size: number;
}

const invalid: Rune = { rune: RUNE_ERROR, size: 1 };

/** The rune that begins at byte `at`, which must be inside of the string. */
export function decodeRune(s: ByteString, at: number): Rune {
  const first = s.charCodeAt(at);
  if (first < 0x80) return { rune: first, size: 1 };
  if (first < 0xc2 || first > 0xf4) return invalid;
  const size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  let rune = first & (0xff >> (size + 1));
  for (let i = 1; i < size; i++) {
    const next = s.charCodeAt(at + i);
    if (!(next >= 0x80 && next <= 0xbf)) return invalid;
    rune = (rune << 6) | (next & 0x3f);
  }
  const overlong = (size === 3 && rune < 0x800) || (size === 4 && rune < 0x10000);
  return overlong || rune > MAX_RUNE || isSurrogate(rune) ? invalid : { rune, size };
}

/** The bytes of a rune; those of U+FFFD for what is none. */
export function encodeRune(rune: number): ByteString {
  if (rune >= 0 && rune < 0x80) return String.fromCharCode(rune);
  const valid = rune >= 0 && rune <= MAX_RUNE && !isSurrogate(rune) ? rune : RUNE_ERROR;
  if (valid < 0x800) return String.fromCharCode(0xc0 | (valid >> 6), 0x80 | (valid & 0x3f));
  const low = [0x80 | ((valid >> 6) & 0x3f), 0x80 | (valid & 0x3f)];
  if (valid < 0x10000) return String.fromCharCode(0xe0 | (valid >> 12), ...low);
  return String.fromCharCode(0xf0 | (valid >> 18), 0x80 | ((valid >> 12) & 0x3f), ...low);
}

export function isSurrogate(rune: number): boolean {
  return rune >= 0xd800 && rune <= 0xdfff;
}

/** Each rune with the byte it begins at. */
export function* runesOf(s: ByteString): Generator<Rune & { readonly at: number }> {
  for (let at = 0; at < s.length; ) {
    const { rune, size } = decodeRune(s, at);
    yield { at, rune, size };
    at += size;
  }
}

export function runeCount(s: ByteString): number {
  let count = 0;
  for (let at = 0; at < s.length; count++) at += s.charCodeAt(at) < 0x80 ? 1 : decodeRune(s, at).size;
  return count;
}

const letter = /^\p{L}$/u;
const digit = /^\p{Nd}$/u;
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

export function isLetter(rune: number): boolean {
  return letter.test(String.fromCodePoint(rune));
}

export function isDigit(rune: number): boolean {
  return digit.test(String.fromCodePoint(rune));
}

/** Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the space. */
export function isPrint(rune: number): boolean {
  if (rune < 0x7f) return rune >= 0x20;
  return rune <= MAX_RUNE && printable.test(String.fromCodePoint(rune));
}
