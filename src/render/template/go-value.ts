import type { ByteString } from './byte-string.ts';
import {
  ANY,
  ANY_MAP,
  ANYS,
  type BasicType,
  BOOL,
  FLOAT64,
  type GoType,
  INT,
  type MapType,
  type PointerType,
  pointerTo,
  type SliceType,
  STRING,
  STRING_MAP,
  STRINGS,
  type StructType,
} from './go-type.ts';

/**
 * A Go value: JavaScript's own where it can be (string, bool, int as bigint, float64 as number), else one of the classes
 * below. `undefined` is no value at all: an untyped nil.
 */
export type Value =
  | undefined
  | ByteString
  | boolean
  | bigint
  | number
  | Named
  | Slice
  | GoMap
  | Struct
  | Pointer
  | Interface;

/** A key of a map: string or int. */
export type MapKey = ByteString | bigint;

export interface Complex {
  readonly re: number;
  readonly im: number;
}

/** A value of a basic type other than string, bool, int, float64: an int64, a float32, an `api.ProviderID`. */
export class Named {
  readonly type: BasicType;
  readonly value: ByteString | bigint | number | Complex;

  constructor(type: BasicType, value: ByteString | bigint | number | Complex) {
    this.type = type;
    this.value = value;
  }
}

/** A window on an array, which other slices may share. No array: a nil slice. */
export class Slice {
  readonly type: SliceType;
  readonly array: Value[] | undefined;
  readonly offset: number;
  readonly length: number;
  readonly capacity: number;

  constructor(type: SliceType, array: Value[] | undefined, offset = 0, length = array?.length ?? 0, capacity = length) {
    this.type = type;
    this.array = array;
    this.offset = offset;
    this.length = length;
    this.capacity = capacity;
  }

  /** The element as the slice's type has it: an Interface in a `[]interface {}`. */
  at(index: number): Value {
    const elem = this.array?.[this.offset + index];
    return this.type.elem.kind === 'interface' ? interfaceOf(elem) : elem;
  }

  /** The elements themselves. */
  items(): Value[] {
    return this.array === undefined ? [] : this.array.slice(this.offset, this.offset + this.length);
  }
}

/** No entries: a nil map. */
export class GoMap {
  readonly type: MapType;
  readonly entries: ReadonlyMap<MapKey, Value> | undefined;

  constructor(type: MapType, entries: ReadonlyMap<MapKey, Value> | undefined) {
    this.type = type;
    this.entries = entries;
  }

  /** The entry as the map's type has it, `undefined` if there is none. */
  get(key: MapKey): Value {
    const elem = this.entries?.get(key);
    if (this.type.elem.kind !== 'interface') return elem;
    return elem === undefined && this.entries?.has(key) !== true ? undefined : interfaceOf(elem);
  }

  /** Keys in Go's printing order: strings by bytes, numbers by size. */
  sortedKeys(): MapKey[] {
    return [...(this.entries?.keys() ?? [])].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  }
}

/** Fields in the order of the type's; made when they are first looked at, if a function is given. */
export class Struct {
  readonly type: StructType;
  #fields: readonly Value[] | (() => readonly Value[]);

  constructor(type: StructType, fields: readonly Value[] | (() => readonly Value[])) {
    this.type = type;
    this.#fields = fields;
  }

  get fields(): readonly Value[] {
    if (typeof this.#fields === 'function') this.#fields = this.#fields();
    return this.#fields;
  }

  /** A field as its type has it, by its place. */
  at(index: number): Value {
    const value = this.fields[index];
    return this.type.fields[index]?.type.kind === 'interface' ? interfaceOf(value) : value;
  }

  get(name: string): Value {
    const index = this.type.fieldIndex.get(name);
    return index === undefined ? undefined : this.at(index);
  }
}

/** `target` is undefined in a nil pointer. */
export class Pointer {
  readonly type: PointerType;
  readonly target: Value;

  constructor(type: PointerType, target: Value) {
    this.type = type;
    this.target = target;
  }
}

/** A place of type `interface {}`, as in a `map[string]interface {}`; `elem` is undefined if it holds nil. */
export class Interface {
  readonly elem: Value;

  constructor(elem: Value) {
    this.elem = elem;
  }
}

export const NIL_INTERFACE = new Interface(undefined);

export function interfaceOf(value: Value): Interface {
  if (value instanceof Interface) return value;
  return value === undefined ? NIL_INTERFACE : new Interface(value);
}

/** The type of a value that is one. */
export function typeOf(value: Exclude<Value, undefined>): GoType {
  switch (typeof value) {
    case 'string':
      return STRING;
    case 'boolean':
      return BOOL;
    case 'bigint':
      return INT;
    case 'number':
      return FLOAT64;
    default:
      return value instanceof Interface ? ANY : value.type;
  }
}

export function stringSlice(items: readonly ByteString[]): Slice {
  return new Slice(STRINGS, [...items]);
}

/** A `[]interface {}`. */
export function anySlice(items: readonly Value[]): Slice {
  return new Slice(ANYS, [...items]);
}

export function stringMap(entries: Iterable<readonly [ByteString, ByteString]>): GoMap {
  return new GoMap(STRING_MAP, new Map(entries));
}

/** A `map[string]interface {}`. */
export function anyMap(entries: Iterable<readonly [ByteString, Value]>): GoMap {
  return new GoMap(ANY_MAP, new Map(entries));
}

export function pointer(target: Struct): Pointer {
  return new Pointer(pointerTo(target.type), target);
}

/** What a variable of the type holds before anything was put in. */
export function zeroValue(type: GoType): Value {
  switch (type.kind) {
    case 'bool':
      return false;
    case 'string':
      return type.name === 'string' ? '' : new Named(type, '');
    case 'int':
      return type.name === 'int' ? 0n : new Named(type, 0n);
    case 'float64':
      return type.name === 'float64' ? 0 : new Named(type, 0);
    case 'float32':
      return new Named(type, 0);
    case 'int32':
    case 'int64':
    case 'uint8':
      return new Named(type, 0n);
    case 'complex128':
      return new Named(type, { re: 0, im: 0 });
    case 'interface':
      return NIL_INTERFACE;
    case 'slice':
      return new Slice(type, undefined);
    case 'map':
      return new GoMap(type, undefined);
    case 'pointer':
      return new Pointer(type, undefined);
    case 'struct':
      return new Struct(
        type,
        type.fields.map((field) => zeroValue(field.type)),
      );
  }
}
