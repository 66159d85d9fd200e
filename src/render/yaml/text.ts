import { isUtf8 } from 'node:buffer';
import { type ByteString, bufferOf, textOf } from '../template/byte-string.ts';
import { YamlError } from './error.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what YAML forbids
const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;

/** Where the first control character stands that YAML doesn't allow, undefined if there is none. */
export function forbiddenAt(text: string): number | undefined {
  const offset = text.search(forbidden);
  return offset === -1 ? undefined : offset;
}

/** The text of a YAML file. Throws YamlError, worded as Go's package does, when the bytes are no UTF-8. */
export function yamlTextOf(bytes: ByteString): string {
  const text = textOf(bytes);
  if (text === bytes || !text.includes('\ufffd')) return text;
  const buffer = bufferOf(bytes);
  if (isUtf8(buffer)) return text;
  const { offset, reason } = firstFault(buffer);
  // What comes first is reported; the parser looks for these.
  if (forbiddenAt(buffer.toString('utf8', 0, offset)) !== undefined) return text;
  const line = buffer.subarray(0, offset).toString('latin1').split('\n').length;
  const column = offset - buffer.lastIndexOf(0x0a, offset - 1);
  throw new YamlError(`yaml: ${reason}`, { line, column });
}

function firstFault(buffer: Buffer): { offset: number; reason: string } {
  let offset = 0;
  while (offset < buffer.length) {
    const width = widthOf(buffer[offset] ?? 0);
    const reason = faultOf(buffer.subarray(offset, offset + width), width);
    if (reason !== undefined) return { offset, reason };
    offset += width;
  }
  return { offset, reason: 'invalid UTF-8' };
}

/** How many octets a character has that begins with this one; 0: none begins so. */
function widthOf(octet: number): number {
  if (octet < 0x80) return 1;
  if (octet < 0xc0) return 0;
  if (octet < 0xe0) return 2;
  if (octet < 0xf0) return 3;
  return octet < 0xf8 ? 4 : 0;
}

function faultOf(octets: Buffer, width: number): string | undefined {
  if (width === 0) return 'invalid leading UTF-8 octet';
  if (octets.length < width) return 'incomplete UTF-8 octet sequence';
  if (octets.subarray(1).some((octet) => (octet & 0xc0) !== 0x80)) return 'invalid trailing UTF-8 octet';
  if (isUtf8(octets)) return undefined;
  const [first = 0, second = 0] = octets;
  const isTooLong = first < 0xc2 || (first === 0xe0 && second < 0xa0) || (first === 0xf0 && second < 0x90);
  return isTooLong ? 'invalid length of a UTF-8 sequence' : 'invalid Unicode character';
}
