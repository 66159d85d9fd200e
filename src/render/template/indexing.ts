import { type GoType, UINT8 } from './go-type.ts';
import { GoMap, type MapKey, Named, Slice, typeOf, type Value, zeroValue } from './go-value.ts';
import { indirect, indirectInterface, integerOf, kindOf, lengthOf, stringOf } from './reflect.ts';
import { CallError } from './template-error.ts';

/** `index x 1 2` is x[1][2]. */
export function indexValue(first: Value, indexes: readonly Value[]): Value {
  let item = indirectInterface(first);
  if (item === undefined) throw new CallError('index of untyped nil');
  for (const index of indexes) {
    const target = indirect(item);
    if (target.isNil) throw new CallError('index of nil pointer');
    item = element(target.value, indirectInterface(index));
  }
  return item;
}

function element(item: Value, index: Value): Value {
  if (item instanceof GoMap) return item.get(mapKey(index, item.type.key)) ?? zeroValue(item.type.elem);
  const text = stringOf(item);
  if (item instanceof Slice) {
    const at = sliceIndex(index, item.length);
    if (at === item.length) throw new CallError('reflect: slice index out of range');
    return item.at(at);
  }
  if (text === undefined) throw new CallError(`can't index item of type ${nameOf(item)}`);
  const at = sliceIndex(index, text.length);
  if (at === text.length) throw new CallError('reflect: string index out of range');
  return new Named(UINT8, BigInt(text.charCodeAt(at)));
}

function mapKey(index: Value, type: GoType): MapKey {
  if (index === undefined) throw new CallError(`value is nil; should be of type ${type.name}`);
  const integer = integerOf(index);
  if (type.kind === 'int' && integer !== undefined) return integer;
  if (type.kind === 'string' && typeof index === 'string') return index;
  throw new CallError(`value has type ${typeOf(index).name}; should be ${type.name}`);
}

/** An index that may also be just behind the end. */
function sliceIndex(index: Value, end: number): number {
  const integer = integerOf(index);
  if (index === undefined) throw new CallError('cannot index slice/array with nil');
  if (integer === undefined) throw new CallError(`cannot index slice/array with type ${typeOf(index).name}`);
  if (integer < 0n || integer > BigInt(end)) throw new CallError(`index out of range: ${integer}`);
  return Number(integer);
}

/** `slice x 1 2` is x[1:2]. */
export function sliceValue(first: Value, indexes: readonly Value[]): Value {
  const target = indirectInterface(first);
  if (target === undefined) throw new CallError('slice of untyped nil');
  const { value: item, isNil } = indirect(target);
  if (isNil) throw new CallError('slice of nil pointer');
  if (indexes.length > 3) throw new CallError(`too many slice indexes: ${indexes.length}`);
  const text = stringOf(item);
  if (text === undefined && !(item instanceof Slice)) throw new CallError(`can't slice item of type ${nameOf(item)}`);
  if (text !== undefined && indexes.length === 3) throw new CallError('cannot 3-index slice a string');
  const capacity = item instanceof Slice ? item.capacity : (text?.length ?? 0);
  const [from = 0, to = lengthOf(item) ?? 0, max = capacity] = indexes.map((index) => sliceIndex(index, capacity));
  if (from > to) throw new CallError(`invalid slice index: ${from} > ${to}`);
  if (to > max) throw new CallError(`invalid slice index: ${to} > ${max}`);
  if (!(item instanceof Slice)) return typedString(item, (text ?? '').slice(from, to));
  return new Slice(item.type, item.array, item.offset + from, to - from, max - from);
}

/** A slice of a named string is one, too. */
function typedString(original: Value, text: string): Value {
  return original instanceof Named ? new Named(original.type, text) : text;
}

function nameOf(value: Value): string {
  return value === undefined ? kindOf(value) : typeOf(value).name;
}

/** Go's len. */
export function length(value: Value): bigint {
  const { value: item, isNil } = indirect(value);
  if (isNil) throw new CallError('len of nil pointer');
  const size = lengthOf(item);
  if (size !== undefined) return BigInt(size);
  if (item === undefined) throw new CallError('reflect: call of reflect.Value.Type on zero Value');
  throw new CallError(`len of type ${typeOf(item).name}`);
}
