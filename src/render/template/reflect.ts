import type { ByteString } from './byte-string.ts';
import type { GoType } from './go-type.ts';
import { GoMap, Interface, Named, Pointer, Slice, Struct, typeOf, type Value } from './go-value.ts';

export type Kind = GoType['kind'] | 'invalid';

export function kindOf(value: Value): Kind {
  return value === undefined ? 'invalid' : typeOf(value).kind;
}

export interface Indirected {
  readonly value: Value;
  /** The value is then a nil pointer or a nil interface. */
  readonly isNil: boolean;
}

/** What is at the end of pointers and interfaces. */
export function indirect(value: Value): Indirected {
  let at = value;
  for (;;) {
    if (at instanceof Interface) {
      if (at.elem === undefined) return { value: at, isNil: true };
      at = at.elem;
    } else if (at instanceof Pointer) {
      if (at.target === undefined) return { value: at, isNil: true };
      at = at.target;
    } else {
      return { value: at, isNil: false };
    }
  }
}

/** The value itself, if it is held by an interface. */
export function indirectInterface(value: Value): Value {
  return value instanceof Interface ? value.elem : value;
}

/** What `if` makes of a value: false are the zero of a number, the empty string, slice or map, and nil. */
export function isTrue(value: Value): boolean {
  switch (typeof value) {
    case 'string':
      return value !== '';
    case 'boolean':
      return value;
    case 'bigint':
      return value !== 0n;
    case 'number':
      return value !== 0;
    case 'undefined':
      return false;
    default:
      return isObjectTrue(value);
  }
}

function isObjectTrue(value: Named | Slice | GoMap | Struct | Pointer | Interface): boolean {
  if (value instanceof Slice) return value.length > 0;
  if (value instanceof GoMap) return (value.entries?.size ?? 0) > 0;
  if (value instanceof Pointer) return value.target !== undefined;
  if (value instanceof Interface) return value.elem !== undefined;
  if (value instanceof Struct) return true;
  return typeof value.value === 'object' ? value.value.re !== 0 || value.value.im !== 0 : Boolean(value.value);
}

/** Whether it is no value, or the nil of its type. */
export function isNil(value: Value): boolean {
  if (value instanceof Slice) return value.array === undefined;
  if (value instanceof GoMap) return value.entries === undefined;
  if (value instanceof Pointer) return value.target === undefined;
  if (value instanceof Interface) return value.elem === undefined;
  return value === undefined;
}

/** The integer of any type, undefined if it is none. */
export function integerOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return value instanceof Named && typeof value.value === 'bigint' ? value.value : undefined;
}

/** The string of any type, undefined if it is none. */
export function stringOf(value: Value): ByteString | undefined {
  if (typeof value === 'string') return value;
  return value instanceof Named && typeof value.value === 'string' ? value.value : undefined;
}

/** Length as Go's len has it, undefined if it has none. */
export function lengthOf(value: Value): number | undefined {
  if (value instanceof Slice) return value.length;
  if (value instanceof GoMap) return value.entries?.size ?? 0;
  return stringOf(value)?.length;
}
