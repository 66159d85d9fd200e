import { type Cursor, isBlank, isBlankOrEnd, isWordCharacter } from './cursor.ts';

/** `handle` is `` for a verbatim tag. */
export interface ScannedTag {
  handle: string;
  suffix: string;
}

export type Directive =
  | { kind: 'version'; major: number; minor: number }
  | { kind: 'tag'; handle: string; prefix: string };

/** The name after `&` or `*`. */
export function scanAnchor(cursor: Cursor): string {
  cursor.offset++;
  const name = scanWord(cursor);
  if (name === '' || !(isBlankOrEnd(cursor.code) || '?:,]}%@`'.includes(String.fromCharCode(cursor.code)))) {
    throw cursor.fault('did not find expected alphabetic or numeric character');
  }
  return name;
}

function scanWord(cursor: Cursor): string {
  const from = cursor.offset;
  while (isWordCharacter(cursor.code)) cursor.offset++;
  return cursor.text.slice(from, cursor.offset);
}

export function scanTag(cursor: Cursor): ScannedTag {
  const tag = cursor.codeAt(1) === 0x3c ? scanVerbatimTag(cursor) : scanShortTag(cursor);
  if (!isBlankOrEnd(cursor.code)) throw cursor.fault('did not find expected whitespace or line break');
  return tag;
}

function scanVerbatimTag(cursor: Cursor): ScannedTag {
  cursor.offset += 2;
  const suffix = scanUri(cursor, '');
  if (cursor.code !== 0x3e) throw cursor.fault("did not find the expected '>'");
  cursor.offset++;
  return { handle: '', suffix };
}

function scanShortTag(cursor: Cursor): ScannedTag {
  const handle = scanHandle(cursor, 'tag');
  if (handle.length > 1 && handle.endsWith('!')) return { handle, suffix: scanUri(cursor, '') };
  const suffix = scanUri(cursor, handle);
  return suffix === '' ? { handle: '', suffix: '!' } : { handle: '!', suffix };
}

function scanHandle(cursor: Cursor, of: 'tag' | 'directive'): string {
  if (cursor.code !== 0x21) throw cursor.fault("did not find expected '!'");
  const from = cursor.offset;
  cursor.offset++;
  scanWord(cursor);
  if (cursor.code === 0x21) cursor.offset++;
  else if (of === 'directive' && cursor.offset - from > 1) throw cursor.fault("did not find expected '!'");
  return cursor.text.slice(from, cursor.offset);
}

const uriCharacters = ";/?:@&=+$,.!~*'()[]";

function scanUri(cursor: Cursor, head: string): string {
  let uri = head.slice(1);
  let found = head !== '';
  for (;;) {
    if (cursor.code === 0x25) uri += scanUriEscapes(cursor);
    else if (
      isWordCharacter(cursor.code) ||
      (!cursor.atEnd && uriCharacters.includes(cursor.text.charAt(cursor.offset)))
    ) {
      uri += cursor.text.charAt(cursor.offset++);
    } else break;
    found = true;
  }
  if (!found) throw cursor.fault('did not find expected tag URI');
  return uri;
}

/** One character in its UTF-8 octets, `%XX` each. */
function scanUriEscapes(cursor: Cursor): string {
  const octets: number[] = [];
  let wanted = 1;
  while (octets.length < wanted) {
    const match = /^%([0-9a-fA-F]{2})/.exec(cursor.text.slice(cursor.offset, cursor.offset + 3));
    if (match === null) throw cursor.fault('did not find URI escaped octet');
    const octet = Number.parseInt(match[1] ?? '', 16);
    if (octets.length === 0) {
      wanted = utf8Width(octet);
      if (wanted === 0) throw cursor.fault('found an incorrect leading UTF-8 octet');
    } else if ((octet & 0xc0) !== 0x80) {
      throw cursor.fault('found an incorrect trailing UTF-8 octet');
    }
    octets.push(octet);
    cursor.offset += 3;
  }
  return Buffer.from(octets).toString('utf8');
}

function utf8Width(octet: number): number {
  if (octet < 0x80) return 1;
  if ((octet & 0xe0) === 0xc0) return 2;
  if ((octet & 0xf0) === 0xe0) return 3;
  return (octet & 0xf8) === 0xf0 ? 4 : 0;
}

/** `%YAML` and `%TAG`, to the end of their line. */
export function scanDirective(cursor: Cursor): Directive {
  cursor.offset++;
  const name = scanWord(cursor);
  if (name === '') throw cursor.fault('could not find expected directive name');
  if (!isBlankOrEnd(cursor.code)) throw cursor.fault('found unexpected non-alphabetical character');
  const directive = name === 'YAML' ? scanVersion(cursor) : name === 'TAG' ? scanTagDirective(cursor) : undefined;
  if (directive === undefined) throw cursor.fault('found unknown directive name');
  cursor.skipBlanks();
  cursor.skipComment();
  if (!isBlankOrEnd(cursor.code)) throw cursor.fault('did not find expected comment or line break');
  if (!cursor.atEnd) cursor.takeBreak();
  return directive;
}

function scanVersion(cursor: Cursor): Directive {
  cursor.skipBlanks();
  const major = scanVersionNumber(cursor);
  if (cursor.code !== 0x2e) throw cursor.fault("did not find expected digit or '.' character");
  cursor.offset++;
  return { kind: 'version', major, minor: scanVersionNumber(cursor) };
}

function scanVersionNumber(cursor: Cursor): number {
  const from = cursor.offset;
  while (cursor.code >= 0x30 && cursor.code <= 0x39) {
    if (cursor.offset - from === 2) throw cursor.fault('found extremely long version number');
    cursor.offset++;
  }
  if (cursor.offset === from) throw cursor.fault('did not find expected version number');
  return Number(cursor.text.slice(from, cursor.offset));
}

function scanTagDirective(cursor: Cursor): Directive {
  cursor.skipBlanks();
  const handle = scanHandle(cursor, 'directive');
  if (!isBlank(cursor.code)) throw cursor.fault('did not find expected whitespace');
  cursor.skipBlanks();
  const prefix = scanUri(cursor, '');
  if (!isBlankOrEnd(cursor.code)) throw cursor.fault('did not find expected whitespace or line break');
  return { kind: 'tag', handle, prefix };
}
