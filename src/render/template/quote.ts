import type { ByteString } from './byte-string.ts';
import { encodeRune, isPrint, isSurrogate, MAX_RUNE, RUNE_ERROR, runesOf } from './utf8.ts';

const escapes = new Map([
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x0c, '\\f'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
  [0x0b, '\\v'],
]);

/** `ascii` escapes all that isn't ASCII (`%+q`), `text` only what can't be printed. */
export type QuoteStyle = 'text' | 'ascii';

/** A Go string constant in double quotes. */
export function quote(s: ByteString, style: QuoteStyle = 'text'): ByteString {
  let out = '"';
  for (const { at, rune, size } of runesOf(s)) {
    if (rune === RUNE_ERROR && size === 1) out += `\\x${hex(s.charCodeAt(at), 2)}`;
    else out += escapeRune(rune, '"', style);
  }
  return `${out}"`;
}

/** A Go character constant in single quotes. */
export function quoteRune(rune: number, style: QuoteStyle = 'text'): ByteString {
  const valid = rune > MAX_RUNE || rune < 0 || isSurrogate(rune) ? RUNE_ERROR : rune;
  return `'${escapeRune(valid, "'", style)}'`;
}

function escapeRune(rune: number, delimiter: string, style: QuoteStyle): ByteString {
  const char = encodeRune(rune);
  if (char === delimiter || char === '\\') return `\\${char}`;
  if (isPrint(rune) && (style === 'text' || rune < 0x80)) return char;
  const known = escapes.get(rune);
  if (known !== undefined) return known;
  if (rune < 0x20 || rune === 0x7f) return `\\x${hex(rune, 2)}`;
  return rune < 0x10000 ? `\\u${hex(rune, 4)}` : `\\U${hex(rune, 8)}`;
}

function hex(n: number, width: number): string {
  return n.toString(16).padStart(width, '0');
}

/** Whether a string can stand in backquotes as it is: one line, printable, valid. */
export function canBackquote(s: ByteString): boolean {
  for (const { rune, size } of runesOf(s)) {
    if (rune === RUNE_ERROR && size === 1) return false;
    if (rune === 0xfeff || rune === 0x60 || rune === 0x7f || (rune < 0x20 && rune !== 0x09)) return false;
  }
  return true;
}

/** `U+0041 'A'`: how Go's `%#U` shows a rune. */
export function unicodeName(rune: number): ByteString {
  const code = `U+${rune.toString(16).toUpperCase().padStart(4, '0')}`;
  return isPrint(rune) ? `${code} '${encodeRune(rune)}'` : code;
}
