import type { ByteString } from '../template/byte-string.ts';
import { isBase64 } from './base64.ts';

const end = '\n-----END ';
const begin = '-----BEGIN ';
const dashes = '-----';

/** The bytes of the first PEM block that is one for Go's encoding/pem, whatever it is called. */
export function decodePem(text: ByteString): Buffer | undefined {
  let from = 0;
  for (;;) {
    const endAt = text.indexOf(end, from);
    if (endAt < 0) return undefined;
    const beginAt = from + text.slice(from, endAt).lastIndexOf(begin);
    const found = beginAt < from ? undefined : readBlock(text, beginAt, endAt);
    if (found === 'none follows') return undefined;
    if (found !== undefined) return found;
    from = endAt + end.length;
  }
}

function readBlock(text: ByteString, beginAt: number, endAt: number): Buffer | 'none follows' | undefined {
  if (beginAt > 0 && text[beginAt - 1] !== '\n') return undefined;
  const title = lineAt(text, beginAt + begin.length);
  if (!title.line.endsWith(dashes)) return undefined;
  const type = title.line.slice(0, -dashes.length);
  let at = title.next;
  let hasHeaders = false;
  for (; ; hasHeaders = true) {
    if (at >= text.length) return 'none follows';
    const { line, next } = lineAt(text, at);
    if (!line.includes(':')) break;
    at = next;
  }
  if (hasHeaders && at > endAt) return undefined;
  const trailer = lineAt(text, endAt + end.length);
  if (trailer.line !== `${type}${dashes}`) return undefined;
  const base64 = text.slice(at, Math.max(at, endAt)).replaceAll(/[ \t]/g, '');
  return isBase64(base64) ? Buffer.from(base64, 'base64') : undefined;
}

/** To the line break, without blanks before it; `next` is where the next line begins. */
function lineAt(text: ByteString, from: number): { line: ByteString; next: number } {
  const at = text.indexOf('\n', from);
  const next = at < 0 ? text.length : at + 1;
  const line = text.slice(from, at < 0 ? text.length : at);
  return { line: (at < 0 ? line : line.replace(/\r$/, '')).replace(/[ \t]+$/, ''), next };
}
