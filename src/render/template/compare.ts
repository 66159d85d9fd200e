import { isAssignable } from './go-type.ts';
import { GoMap, Interface, Named, Pointer, Slice, Struct, typeOf, type Value } from './go-value.ts';
import { sprintf } from './printf.ts';
import { indirectInterface, isNil, kindOf } from './reflect.ts';
import { CallError } from './template-error.ts';

type BasicGroup = 'bool' | 'int' | 'uint' | 'float' | 'complex' | 'string' | undefined;

function basicGroup(value: Value): BasicGroup {
  switch (kindOf(value)) {
    case 'bool':
      return 'bool';
    case 'int':
    case 'int32':
    case 'int64':
      return 'int';
    case 'uint8':
      return 'uint';
    case 'float32':
    case 'float64':
      return 'float';
    case 'complex128':
      return 'complex';
    case 'string':
      return 'string';
    default:
      return undefined;
  }
}

/** What JavaScript can compare of a basic value. */
function raw(value: Value): string | number | bigint | boolean {
  const plain = value instanceof Named ? value.value : value;
  return typeof plain === 'object' || plain === undefined ? String(plain) : plain;
}

/** Whether the first equals one of the others. */
export function equals(first: Value, others: readonly Value[]): boolean {
  const left = indirectInterface(first);
  if (others.length === 0) throw new CallError('missing argument for comparison');
  return others.some((other) => equal(left, indirectInterface(other)));
}

function equal(left: Value, right: Value): boolean {
  const group = basicGroup(left);
  if (group !== basicGroup(right)) {
    const integers = ['int', 'uint'];
    if (integers.includes(group ?? '') && integers.includes(basicGroup(right) ?? '')) return raw(left) === raw(right);
    if (left === undefined || right === undefined) return false;
    throw incompatible(left, right);
  }
  if (group === 'complex') return sameComplex(left, right);
  return group === undefined ? equalObjects(left, right) : raw(left) === raw(right);
}

function sameComplex(left: Value, right: Value): boolean {
  if (!(left instanceof Named) || !(right instanceof Named)) return false;
  const [a, b] = [left.value, right.value];
  return typeof a === 'object' && typeof b === 'object' && a.re === b.re && a.im === b.im;
}

function incompatible(left: Exclude<Value, undefined>, right: Exclude<Value, undefined>): CallError {
  return new CallError(`incompatible types for comparison: ${typeOf(left).name} and ${typeOf(right).name}`);
}

function equalObjects(left: Value, right: Value): boolean {
  if (left !== undefined && right !== undefined && kindOf(left) !== kindOf(right)) {
    const names = `${typeOf(left).name}, ${typeOf(right).name}`;
    throw new CallError(sprintf(`non-comparable types %s: ${names}: %v`, [left, right]));
  }
  if (isNil(left) || isNil(right)) return isNil(left) === isNil(right);
  if (right !== undefined && !isComparable(right)) {
    throw new CallError(sprintf(`non-comparable type %s: ${typeOf(right).name}`, [right]));
  }
  return isIdentical(left, right);
}

function isComparable(value: Exclude<Value, undefined>): boolean {
  if (value instanceof Slice || value instanceof GoMap) return false;
  if (!(value instanceof Struct)) return true;
  return value.type.fields.every(({ type }) => type.kind !== 'slice' && type.kind !== 'map');
}

/** Go's == on two interfaces. */
function isIdentical(left: Value, right: Value): boolean {
  if (left instanceof Interface || right instanceof Interface) {
    return isIdentical(indirectInterface(left), indirectInterface(right));
  }
  if (left === undefined || right === undefined) return left === right;
  if (!isAssignable(typeOf(left), typeOf(right))) return false;
  if (left instanceof Pointer && right instanceof Pointer) return left.target === right.target;
  if (left instanceof Struct && right instanceof Struct) {
    return left.fields.every((field, index) => isIdentical(field, right.fields[index]));
  }
  if (left instanceof Slice || left instanceof GoMap) {
    throw new CallError(`runtime error: comparing uncomparable type ${typeOf(left).name}`);
  }
  return kindOf(left) === 'complex128' ? sameComplex(left, right) : raw(left) === raw(right);
}

/** Strings by bytes, numbers by size. */
export function isLess(first: Value, second: Value): boolean {
  const [left, right] = [indirectInterface(first), indirectInterface(second)];
  const groups = [basicGroup(left), basicGroup(right)];
  if (left === undefined || right === undefined || groups.includes(undefined)) {
    throw new CallError('invalid type for comparison');
  }
  const areIntegers = groups.every((group) => group === 'int' || group === 'uint');
  if (groups[0] !== groups[1] && !areIntegers) throw incompatible(left, right);
  if (groups[0] === 'bool' || groups[0] === 'complex') throw new CallError('invalid type for comparison');
  return raw(left) < raw(right);
}

export function isLessOrEqual(first: Value, second: Value): boolean {
  return isLess(first, second) || equals(first, [second]);
}
