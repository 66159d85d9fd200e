/**
 * A Go string is bytes, not text. A ByteString holds one byte per character (0 to 255), so that its length, order, slices
 * and invalid UTF-8 are Go's. Pure ASCII is the same in both, which is nearly everything.
 */
export type ByteString = string;

const ascii = /^[\0-\x7f]*$/;

/** The UTF-8 bytes of a text. */
export function bytesOf(text: string): ByteString {
  return ascii.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

/** The bytes of a file, as they are. */
export function bytesOfBuffer(bytes: Uint8Array): ByteString {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** The text of UTF-8 bytes; invalid ones become U+FFFD. */
export function textOf(bytes: ByteString): string {
  return ascii.test(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}

/** The bytes, to write or hash them. */
export function bufferOf(bytes: ByteString): Buffer {
  return Buffer.from(bytes, 'latin1');
}
