import { isUtf8 } from 'node:buffer';
import { type ByteString, bufferOf, textOf } from './template/byte-string.ts';
import { YamlError } from './yaml-error.ts';

/** The text of a YAML file. Throws YamlError, worded as Go's package does, when the bytes are no UTF-8. */
export function yamlTextOf(bytes: ByteString): string {
  const text = textOf(bytes);
  if (text === bytes || !text.includes('\ufffd')) return text;
  const buffer = bufferOf(bytes);
  if (isUtf8(buffer)) return text;
  const offset = firstInvalid(buffer);
  const leading = (buffer[offset] ?? 0) < 0xc2 || (buffer[offset] ?? 0) > 0xf4;
  const line = buffer.subarray(0, offset).toString('latin1').split('\n').length;
  const column = offset - buffer.lastIndexOf(0x0a, offset - 1);
  throw new YamlError(`yaml: invalid ${leading ? 'leading' : 'trailing'} UTF-8 octet`, { line, column });
}

/** Offset of the first character that is not encoded as it should be. */
function firstInvalid(buffer: Buffer): number {
  let [valid, invalid] = [0, buffer.length];
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    if (isUtf8(buffer.subarray(0, startOfCharacter(buffer, middle)))) valid = middle;
    else invalid = middle;
  }
  return startOfCharacter(buffer, valid);
}

function startOfCharacter(buffer: Buffer, offset: number): number {
  let start = offset;
  while (start > 0 && offset - start < 3 && ((buffer[start] ?? 0) & 0xc0) === 0x80) start--;
  return start;
}
