import {
  type ChainNode,
  type CommandNode,
  describeNode,
  type IdentifierNode,
  type Node,
  type PipeNode,
  type TemplateCallNode,
} from './ast.ts';
import { builtins, refuseCall } from './builtins.ts';
import { type ByteString, bytesOf } from './byte-string.ts';
import { conform, conformLiteral, idealValue, nilOf, type Reporter } from './conform.ts';
import type { Functions, Method, ParameterType, Signature } from './go-type.ts';
import { GoMap, Interface, Pointer, Slice, Struct, typeOf, type Value } from './go-value.ts';
import { quote } from './quote.ts';
import { indirect, indirectInterface, isTrue, stringOf } from './reflect.ts';
import { CallError, TemplateError } from './template-error.ts';

/** No value came through the pipe, which is not the same as nil. */
const NOTHING = Symbol('nothing');
type Piped = Value | typeof NOTHING;

const noOperands: readonly Node[] = [];

/** Evaluates the pipelines of one execution: the variables in scope, and the node that an error is reported at. */
export class Evaluator implements Reporter {
  readonly #functions: Functions;
  readonly #report: (node: Node | CommandNode | TemplateCallNode, reason: ByteString, cause?: unknown) => never;
  readonly #spend: (work: number) => void;
  #node: Node | CommandNode | TemplateCallNode = { kind: 'dot', pos: 0 };
  /** A stack, by name because an inner variable hides an outer one. */
  names: ByteString[] = [];
  values: Value[] = [];

  constructor(
    functions: Functions,
    report: (node: Node | CommandNode | TemplateCallNode, reason: ByteString, cause?: unknown) => never,
    spend: (work: number) => void,
  ) {
    this.#functions = functions;
    this.#report = report;
    this.#spend = spend;
  }

  fail(reason: ByteString, cause?: unknown): never {
    return this.#report(this.#node, reason, cause);
  }

  /** Errors from now on are reported at the node. */
  at(node: Node | CommandNode | TemplateCallNode): void {
    this.#node = node;
  }

  declare(name: ByteString, value: Value): void {
    this.names.push(name);
    this.values.push(value);
  }

  assign(name: ByteString, value: Value): void {
    const index = this.names.lastIndexOf(name);
    if (index < 0) this.fail(`undefined variable: ${name}`);
    this.values[index] = value;
  }

  /** Forgets the variables declared since there were `count`. */
  forget(count: number): void {
    this.names.length = count;
    this.values.length = count;
  }

  pipeline(dot: Value, pipe: PipeNode): Value {
    this.#node = pipe;
    this.#spend(pipe.commands.length);
    let value: Piped = NOTHING;
    for (const command of pipe.commands) {
      value = this.#command(dot, command, value);
      if (value instanceof Interface) value = value.elem;
    }
    const result = value === NOTHING ? undefined : value;
    for (const name of pipe.variables) {
      if (pipe.assigns) this.assign(name, result);
      else this.declare(name, result);
    }
    return result;
  }

  #command(dot: Value, command: CommandNode, piped: Piped): Value {
    const { first, rest } = command;
    switch (first.kind) {
      case 'field':
      case 'chain':
      case 'variable':
        return this.#path(dot, first, rest, piped);
      case 'identifier':
        return this.#function(dot, first, command, rest, piped);
      case 'pipe':
        this.#refuseArguments(first, rest, piped);
        return this.pipeline(dot, first);
      default:
        this.#node = first;
        this.#refuseArguments(first, rest, piped);
        if (first.kind === 'dot') return dot;
        return first.kind === 'nil' ? this.fail('nil is not a command') : idealValue(first, this);
    }
  }

  #refuseArguments(first: Node, rest: readonly Node[], piped: Piped): void {
    if (rest.length > 0 || piped !== NOTHING) this.fail(`can't give argument to non-function ${describeNode(first)}`);
  }

  /** `.A.B`, `$x.A`, `(…).A`: the last of the path may be a method and take the arguments. */
  #path(dot: Value, node: Extract<Node, { path: unknown }>, rest: readonly Node[], piped: Piped): Value {
    this.#node = node;
    this.#spend(node.path.length);
    let receiver = this.#start(dot, node);
    const last = node.path.length - 1;
    if (last < 0) this.#refuseArguments(node, rest, piped);
    for (const [index, name] of node.path.entries()) {
      const isLast = index === last;
      receiver = this.#field(dot, name, node, isLast ? rest : noOperands, isLast ? piped : NOTHING, receiver);
    }
    return receiver;
  }

  #start(dot: Value, node: Extract<Node, { path: unknown }>): Value {
    if (node.kind === 'field') return dot;
    if (node.kind === 'chain') return this.#chainStart(dot, node);
    const index = this.names.lastIndexOf(node.name);
    this.#spend((this.names.length - index) >> 4);
    return index < 0 ? this.fail(`undefined variable: ${node.name}`) : this.values[index];
  }

  #chainStart(dot: Value, chain: ChainNode): Value {
    if (chain.node.kind === 'nil') this.fail(`indirection through explicit nil in ${describeNode(chain)}`);
    return this.#argument(dot, 'value', chain.node);
  }

  #field(dot: Value, name: ByteString, node: Node, rest: readonly Node[], piped: Piped, receiver: Value): Value {
    if (receiver === undefined) this.fail(`nil data; no entry for key ${quote(name)}`);
    const { value, isNil } = indirect(receiver);
    if (value instanceof Interface) this.fail(`nil pointer evaluating ${typeOf(receiver).name}.${name}`);
    const method = methodOf(value, name);
    if (method !== undefined) return this.#method(dot, value, name, method, node, rest, piped);
    const hasArguments = rest.length > 0 || piped !== NOTHING;
    if (value instanceof Struct && value.type.fieldIndex.has(name)) {
      if (hasArguments) this.fail(`${name} has arguments but cannot be invoked as function`);
      return value.get(name);
    }
    if (value instanceof GoMap && value.type.key.name === 'string') {
      if (hasArguments) this.fail(`${name} is not a method but has arguments`);
      return value.get(name) ?? this.fail(`map has no entry for key ${quote(name)}`);
    }
    const isMissing =
      value instanceof Pointer && value.type.elem.kind === 'struct' && !value.type.elem.fieldIndex.has(name);
    if (isNil && !isMissing) this.fail(`nil pointer evaluating ${typeOf(receiver).name}.${name}`);
    return this.fail(`can't evaluate field ${name} in type ${typeOf(receiver).name}`);
  }

  #method(
    dot: Value,
    receiver: Value,
    name: ByteString,
    method: Method,
    node: Node,
    rest: readonly Node[],
    piped: Piped,
  ): Value {
    const args = this.#arguments(dot, name, method, rest, piped);
    return this.#call(name, node, args, () => {
      if (receiver instanceof Struct) return method.call(receiver, args);
      throw new CallError(nilReceiver(receiver, name));
    });
  }

  #function(
    dot: Value,
    identifier: IdentifierNode,
    node: Node | CommandNode,
    rest: readonly Node[],
    piped: Piped,
  ): Value {
    this.#node = identifier;
    const { name } = identifier;
    const added = this.#functions.get(name);
    const called = added ?? builtins.get(name) ?? this.fail(`${quote(name)} is not a defined function`);
    if (added === undefined && (name === 'and' || name === 'or'))
      return this.#shortCircuit(dot, name, called, rest, piped);
    const args = this.#arguments(dot, name, called, rest, piped);
    if (added !== undefined || name !== 'call') return this.#call(name, node, args, () => called.call(args));
    const callee = rest[0] === undefined ? describeValue(args[0]) : describeNode(rest[0]);
    return this.#call(name, node, args, () => refuseCall(callee, args[0]));
  }

  #call(name: ByteString, node: Node | CommandNode, args: readonly Value[], call: () => Value): Value {
    for (const arg of args) this.#spend(size(arg));
    try {
      const result = call();
      this.#spend(size(result));
      return result;
    } catch (error) {
      const known = error instanceof CallError || error instanceof TemplateError;
      if (!known) throw error;
      this.#node = node;
      const reason = error instanceof CallError ? error.message : bytesOf(error.message);
      return this.fail(`error calling ${name}: ${reason}`, error);
    }
  }

  /** `and` stops at the first false argument, `or` at the first true one; what they stop at is the result. */
  #shortCircuit(dot: Value, name: 'and' | 'or', signature: Signature, rest: readonly Node[], piped: Piped): Value {
    this.#checkCount(name, signature, rest.length, piped);
    let value: Value;
    for (const node of rest) {
      value = this.#argument(dot, 'value', node);
      if (isTrue(indirectInterface(value)) === (name === 'or')) return value;
    }
    return piped === NOTHING ? value : piped;
  }

  #arguments(dot: Value, name: ByteString, signature: Signature, rest: readonly Node[], piped: Piped): Value[] {
    this.#checkCount(name, signature, rest.length, piped);
    const args = rest.map((node, index) => this.#argument(dot, parameter(signature, index), node));
    if (piped !== NOTHING) args.push(conform(piped, parameter(signature, rest.length), this));
    return args;
  }

  #checkCount(name: ByteString, signature: Signature, given: number, piped: Piped): void {
    this.#spend(given);
    const count = given + (piped === NOTHING ? 0 : 1);
    const wanted = signature.params.length;
    if (signature.rest === undefined) {
      if (count !== wanted) this.fail(`wrong number of args for ${name}: want ${wanted} got ${count}`);
    } else if (count < wanted) {
      this.fail(`wrong number of args for ${name}: want at least ${wanted} got ${given}`);
    }
  }

  #argument(dot: Value, type: ParameterType, node: Node): Value {
    this.#node = node;
    switch (node.kind) {
      case 'dot':
        return conform(dot, type, this);
      case 'nil':
        return (nilOf(type) ?? this.fail(`cannot assign nil to ${type === 'value' ? '' : type.name}`)).value;
      case 'field':
      case 'chain':
      case 'variable':
        return conform(this.#path(dot, node, noOperands, NOTHING), type, this);
      case 'pipe':
        return conform(this.pipeline(dot, node), type, this);
      case 'identifier':
        return conform(this.#function(dot, node, node, noOperands, NOTHING), type, this);
      default:
        return conformLiteral(node, type, this);
    }
  }
}

function parameter(signature: Signature, index: number): ParameterType {
  return signature.params[index] ?? signature.rest ?? 'value';
}

/** Go's complaint about a method that needs what a nil pointer doesn't point to. */
function nilReceiver(receiver: Value, method: ByteString): ByteString {
  const type = receiver instanceof Pointer ? receiver.type.elem : undefined;
  if (type?.kind !== 'struct') return 'runtime error: invalid memory address or nil pointer dereference';
  const name = type.name.slice(type.name.indexOf('.') + 1);
  return `value method ${type.importPath}.${name}.${method} called using nil *${name} pointer`;
}

/** As Go's reflect.Value prints itself. */
function describeValue(value: Value): ByteString {
  return stringOf(value) ?? `<${value === undefined ? 'invalid' : typeOf(value).name} Value>`;
}

/** Methods are seen through a nil pointer, too. */
function methodOf(value: Value, name: ByteString): Method | undefined {
  if (value instanceof Struct) return value.type.methods.get(name);
  if (value instanceof Pointer && value.type.elem.kind === 'struct') return value.type.elem.methods.get(name);
  return undefined;
}

/** What an argument costs a function that reads it all, in steps. */
function size(value: Value): number {
  if (typeof value === 'string') return value.length >> 6;
  return value instanceof Slice ? value.length >> 3 : 1;
}
