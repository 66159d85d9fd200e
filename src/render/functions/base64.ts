import { type ByteString, bufferOf, bytesOfBuffer } from '../template/byte-string.ts';
import { CallError } from '../template/template-error.ts';

export function encodeBase64(text: ByteString): ByteString {
  return bufferOf(text).toString('base64');
}

/** Go's StdEncoding: padding is required, line breaks are skipped. Throws a CallError. */
export function decodeBase64(text: ByteString): ByteString {
  const wrong = firstWrongByte(text);
  if (wrong !== undefined) throw new CallError(`illegal base64 data at input byte ${wrong}`);
  return bytesOfBuffer(Buffer.from(text, 'base64'));
}

/** Whether Go's StdEncoding takes it. */
export function isBase64(text: ByteString): boolean {
  return firstWrongByte(text) === undefined;
}

/** Where Go's decoder stops, undefined if it doesn't. */
function firstWrongByte(text: ByteString): number | undefined {
  let at = 0;
  let digits = 0;
  for (; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\r' || char === '\n') continue;
    if (char === '=') return wrongPadding(text, at, digits % 4);
    if (!/[A-Za-z0-9+/]/.test(char)) return at;
    digits++;
  }
  return digits % 4 === 0 ? undefined : at - (digits % 4);
}

function wrongPadding(text: ByteString, at: number, digits: number): number | undefined {
  if (digits < 2) return at;
  let next = afterLineBreaks(text, at + 1);
  if (digits === 2) {
    if (next === text.length) return text.length;
    if (text[next] !== '=') return next - 1;
    next = afterLineBreaks(text, next + 1);
  }
  return next < text.length ? next : undefined;
}

function afterLineBreaks(text: ByteString, from: number): number {
  let at = from;
  while (text[at] === '\r' || text[at] === '\n') at++;
  return at;
}
