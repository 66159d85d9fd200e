import { describeNode, type Node, type NumberNode } from './ast.ts';
import type { ByteString } from './byte-string.ts';
import { type BasicType, type GoType, isAssignable, type ParameterType } from './go-type.ts';
import { Interface, Named, Pointer, typeOf, type Value, zeroValue } from './go-value.ts';
import { indirectInterface } from './reflect.ts';

/** Ends the execution with an error at the current node. */
export interface Reporter {
  fail(reason: ByteString): never;
}

/** The nil of a parameter's type, if it has one. */
export function nilOf(type: ParameterType): { readonly value: Value } | undefined {
  if (type === 'value' || type.kind === 'interface') return { value: undefined };
  const hasNil = type.kind === 'map' || type.kind === 'slice' || type.kind === 'pointer';
  return hasNil ? { value: zeroValue(type) } : undefined;
}

/** The value as an argument of the type; fails if it isn't one. */
export function conform(value: Value, type: ParameterType, reporter: Reporter): Value {
  if (type === 'value') return value;
  if (type.kind === 'interface') return indirectInterface(value);
  if (value === undefined) {
    return (nilOf(type) ?? reporter.fail(`invalid value; expected ${type.name}`)).value;
  }
  if (isAssignable(typeOf(value), type)) return value;
  const inner = value instanceof Interface && value.elem !== undefined ? value.elem : value;
  if (isAssignable(typeOf(inner), type)) return inner;
  if (!(inner instanceof Pointer) || !isAssignable(inner.type.elem, type)) {
    return reporter.fail(`wrong type for value; expected ${type.name}; got ${typeOf(inner).name}`);
  }
  return inner.target ?? reporter.fail(`dereference of nil pointer of type ${type.name}`);
}

/** A literal as an argument of the type: numbers and strings take the type that is asked for. */
export function conformLiteral(node: Node, type: ParameterType, reporter: Reporter): Value {
  if (type === 'value' || type.kind === 'interface') return idealValue(node, reporter);
  switch (type.kind) {
    case 'bool':
      return node.kind === 'bool' ? node.value : expected('bool', node, reporter);
    case 'string':
      return node.kind === 'string' ? typed(type, node.value) : expected('string', node, reporter);
    case 'int':
    case 'int32':
    case 'int64':
      return typed(type, numberAs(node, (number) => number.integer) ?? expected('integer', node, reporter));
    case 'uint8':
      return typed(type, numberAs(node, (number) => number.unsigned) ?? expected('unsigned integer', node, reporter));
    case 'float32':
    case 'float64':
      return typed(type, numberAs(node, (number) => number.float) ?? expected('float', node, reporter));
    case 'complex128':
      return numberAs(node, (number) => number.complex) ?? expected('complex', node, reporter);
    default:
      return reporter.fail(`can't handle ${describeNode(node)} for arg of type ${type.name}`);
  }
}

function numberAs<T>(node: Node, read: (number: NumberNode) => T): T | undefined {
  return node.kind === 'number' ? read(node) : undefined;
}

function expected(what: string, node: Node, reporter: Reporter): never {
  return reporter.fail(`expected ${what}; found ${describeNode(node)}`);
}

function typed(type: BasicType & GoType, value: ByteString | bigint | number): Value {
  if (type.name === 'string' || type.name === 'int' || type.name === 'float64') return value;
  if (typeof value === 'bigint') return new Named(type, wrap(type, value));
  return new Named(type, type.kind === 'float32' ? Math.fround(Number(value)) : value);
}

/** Go doesn't check that a literal fits. */
function wrap(type: BasicType, value: bigint): bigint {
  if (type.kind === 'int32') return BigInt.asIntN(32, value);
  return type.kind === 'uint8' ? BigInt.asUintN(8, value) : value;
}

/** A literal where any type will do. */
export function idealValue(node: Node, reporter: Reporter): Value {
  switch (node.kind) {
    case 'bool':
    case 'string':
      return node.value;
    case 'number':
      return node.ideal ?? reporter.fail(`${node.text} overflows int`);
    default:
      return reporter.fail(`can't handle assignment of ${describeNode(node)} to empty interface argument`);
  }
}
