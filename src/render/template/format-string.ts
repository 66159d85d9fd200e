import type { ByteString } from './byte-string.ts';
import { type Flags, pad } from './flags.ts';
import { canBackquote, quote } from './quote.ts';
import { decodeRune } from './utf8.ts';

/** A string for a verb, undefined if the verb isn't one for strings. */
export function formatString(value: ByteString, verb: string, flags: Flags): ByteString | undefined {
  switch (verb) {
    case 'v':
      return flags.sharpV ? quoted(value, flags) : pad(truncated(value, flags), flags);
    case 's':
      return pad(truncated(value, flags), flags);
    case 'x':
      return hexadecimal(value, 'x', flags);
    case 'X':
      return hexadecimal(value, 'X', flags);
    case 'q':
      return quoted(value, flags);
    default:
      return undefined;
  }
}

function truncated(value: ByteString, { precision }: Flags): ByteString {
  if (precision === undefined) return value;
  let end = 0;
  for (let count = 0; count < precision && end < value.length; count++) end += decodeRune(value, end).size;
  return value.slice(0, end);
}

function quoted(value: ByteString, flags: Flags): ByteString {
  const text = truncated(value, flags);
  if (flags.sharp && canBackquote(text)) return pad(`\`${text}\``, flags);
  return pad(quote(text, flags.plus ? 'ascii' : 'text'), flags);
}

function hexadecimal(value: ByteString, x: 'x' | 'X', flags: Flags): ByteString {
  const lower = Buffer.from(value.slice(0, flags.precision), 'latin1').toString('hex');
  const digits = x === 'X' ? lower.toUpperCase() : lower;
  if (digits === '') return pad('', flags);
  const start = flags.sharp ? `0${x}` : '';
  const text = flags.space ? start + (digits.match(/../g) ?? []).join(` ${start}`) : start + digits;
  return pad(text, flags);
}
