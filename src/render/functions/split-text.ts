import type { ByteString } from '../template/byte-string.ts';
import { CallError } from '../template/template-error.ts';

/** Far more than a list in a template has. */
export const maxParts = 1_000_000;

/** The text's parts. Throws a CallError before so many are made that they fill the memory. */
export function splitText(text: ByteString, separator: ByteString): ByteString[] {
  let parts = 1;
  for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, at + separator.length)) {
    if (++parts > maxParts) throw new CallError(`the text has more than ${maxParts} parts`);
  }
  return text.split(separator);
}
