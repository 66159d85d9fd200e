import type { ByteString } from '../template/byte-string.ts';
import { STRINGS } from '../template/go-type.ts';
import { anyMap, type GoMap, Interface, Slice, stringSlice, type Value } from '../template/go-value.ts';
import { maxOutputBytes } from '../template/printer.ts';
import { sprint } from '../template/printf.ts';
import { CallError } from '../template/template-error.ts';
import { runesOf } from '../template/utf8.ts';
import { maxParts, splitText } from './split-text.ts';

/** Of "" nothing at all; with an empty separator each rune. */
export function split(text: ByteString, separator: ByteString): Slice {
  if (text === '') return new Slice(STRINGS, undefined);
  if (separator !== '') return stringSlice(splitText(text, separator));
  if (text.length > maxParts) throw new CallError(`the text has more than ${maxParts} parts`);
  return stringSlice([...runesOf(text)].map(({ at, size }) => text.slice(at, at + size)));
}

/** The elements as they print, nils left out. What is no list is its only element. */
export function join(separator: ByteString, list: Value): ByteString {
  const value = list instanceof Interface ? list.elem : list;
  if (value === undefined) return '';
  if (!(value instanceof Slice)) return sprint([value]);
  return value
    .items()
    .filter((item) => item !== undefined)
    .map((item) => (typeof item === 'string' ? item : sprint([item])))
    .join(separator);
}

/** So many spaces before the text and after each of its line breaks. */
export function indent(spaces: bigint, text: ByteString): ByteString {
  if (spaces < 0n) throw new CallError('strings: negative Repeat count');
  const lines = text.split('\n').length;
  if (spaces * BigInt(lines) > BigInt(maxOutputBytes)) throw new CallError(`result exceeds ${maxOutputBytes} bytes`);
  const pad = ' '.repeat(Number(spaces));
  return pad + text.replaceAll('\n', `\n${pad}`);
}

/** A `map[string]interface {}` of keys and values in turn. */
export function dict(args: readonly Value[]): GoMap {
  if (args.length === 0 || args.length % 2 !== 0) {
    throw new CallError(`dict: invalid number of arguments: ${args.length}`);
  }
  const entries = new Map<ByteString, Value>();
  for (let i = 0; i < args.length; i += 2) {
    const key = args[i];
    if (typeof key !== 'string') throw new CallError(`dict: key argument ${i} must be string`);
    if (entries.has(key)) throw new CallError(`dict: duplicate key ${key}`);
    entries.set(key, args[i + 1]);
  }
  return anyMap(entries);
}

/** The template once per index, `$` being the index, joined by commas. */
export function indexedList(template: ByteString, length: bigint): ByteString {
  if (length < 0n) throw new CallError(`expecting non-negative integer, got: ${length}`);
  const digits = (template.split('$').length - 1) * String(length).length;
  if (length * BigInt(template.length + digits + 1) > BigInt(maxOutputBytes)) {
    throw new CallError(`result exceeds ${maxOutputBytes} bytes`);
  }
  return Array.from({ length: Number(length) }, (_, index) => template.replaceAll('$', String(index))).join(',');
}

export function mountUnitName(path: ByteString): ByteString {
  if (!path.startsWith('/')) throw new CallError(`not an absolute path: ${path}`);
  return path.slice(1).replaceAll('/', '-');
}

/** The second of exactly two parts. */
export function accountID(account: ByteString): ByteString {
  const [, id, more] = account.split(':');
  if (id === undefined || more !== undefined) throw new CallError(`invalid account (expected type:id): ${account}`);
  return id;
}

export function getAWSAccountID(account: ByteString): ByteString {
  const id = account.split(':')[1];
  if (id === undefined) throw new CallError('runtime error: index out of range [1] with length 1');
  return id;
}

/** Of `eu-central-1c`: 1c. */
export function azID(zone: ByteString): ByteString {
  return zone.slice(zone.lastIndexOf('-') + 1);
}
