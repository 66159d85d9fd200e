import type { ByteString } from './byte-string.ts';
import { decodeRune, encodeRune, isSurrogate, MAX_RUNE } from './utf8.ts';

const simple = new Map([
  ['a', 0x07],
  ['b', 0x08],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['v', 0x0b],
  ['\\', 0x5c],
  ["'", 0x27],
  ['"', 0x22],
]);

const hexLengths = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

/** The value of a Go string constant in double quotes or backquotes; undefined if its escapes are wrong. */
export function unquote(literal: ByteString): ByteString | undefined {
  const body = literal.slice(1, -1);
  if (literal[0] === '`') return body.replaceAll('\r', '');
  let out = '';
  for (let at = 0; at < body.length; ) {
    const char = unquoteChar(body, at, '"');
    if (char === undefined) return undefined;
    out += char.byte === undefined ? encodeRune(char.rune) : String.fromCharCode(char.byte);
    at = char.next;
  }
  return out;
}

interface UnquotedChar {
  readonly rune: number;
  /** Set for `\x` and octal escapes, which stand for a byte, not a rune. */
  readonly byte?: number;
  readonly next: number;
}

/** The character or escape at `at`, inside of the given quotes. */
export function unquoteChar(s: ByteString, at: number, delimiter: string): UnquotedChar | undefined {
  const first = s[at];
  if (first === undefined || first === delimiter) return undefined;
  if (first !== '\\') {
    const { rune, size } = decodeRune(s, at);
    return { rune, next: at + size };
  }
  const letter = s[at + 1] ?? '';
  const length = hexLengths.get(letter);
  if (length !== undefined) return hexEscape(s.slice(at + 2, at + 2 + length), length, at + 2 + length);
  if (/^[0-7]$/.test(letter)) return octalEscape(s.slice(at + 1, at + 4), at + 4);
  const rune = simple.get(letter);
  const otherQuote = (letter === "'" || letter === '"') && letter !== delimiter;
  return rune === undefined || otherQuote ? undefined : { rune, next: at + 2 };
}

function hexEscape(digits: string, length: number, next: number): UnquotedChar | undefined {
  if (digits.length !== length || !/^[0-9a-fA-F]+$/.test(digits)) return undefined;
  const rune = Number.parseInt(digits, 16);
  if (length === 2) return { rune, byte: rune, next };
  return rune > MAX_RUNE || isSurrogate(rune) ? undefined : { rune, next };
}

function octalEscape(digits: string, next: number): UnquotedChar | undefined {
  if (!/^[0-7]{3}$/.test(digits)) return undefined;
  const rune = Number.parseInt(digits, 8);
  return rune > 255 ? undefined : { rune, byte: rune, next };
}
