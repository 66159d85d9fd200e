import type { ByteString } from './byte-string.ts';
import { encodeRune, isPrint, runesOf } from './utf8.ts';

const htmlEscapes: Readonly<Record<string, ByteString>> = {
  '\0': encodeRune(0xfffd),
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
};

export function escapeHtml(text: ByteString): ByteString {
  return text.replace(/[\0"'&<>]/g, (char) => htmlEscapes[char] ?? char);
}

const jsEscapes: Readonly<Record<string, ByteString>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
};

export function escapeJs(text: ByteString): ByteString {
  let out = '';
  for (const { at, rune, size } of runesOf(text)) {
    const char = text.slice(at, at + size);
    if (rune < 0x20 || (rune >= 0x80 && !isPrint(rune)))
      out += `\\u${rune.toString(16).toUpperCase().padStart(4, '0')}`;
    else out += jsEscapes[char] ?? char;
  }
  return out;
}

/** For the query of a URL: a space becomes a plus. */
export function escapeUrlQuery(text: ByteString): ByteString {
  return text.replace(/[^A-Za-z0-9_.~-]/g, (char) =>
    char === ' ' ? '+' : `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
