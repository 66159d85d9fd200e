const ELLIPSIS = '…';

/** Cuts at `limit` characters (UTF-16 units, as forges count), never within one. */
export function shortenCharacters(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text
    .slice(0, limit - ELLIPSIS.length)
    .toWellFormed()
    .replace(/\uFFFD$/, '')}${ELLIPSIS}`;
}

/** Cuts at `limit` bytes of UTF-8, never within a character. */
export function shortenBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  const kept = new TextDecoder().decode(bytes.subarray(0, limit - Buffer.byteLength(ELLIPSIS)), { stream: true });
  return `${kept}${ELLIPSIS}`;
}
