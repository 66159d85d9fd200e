import { type CommandNode, describeNode, type Node, type TemplateCallNode } from './ast.ts';
import { printable } from './builtins.ts';
import { type ByteString, textOf } from './byte-string.ts';
import { Evaluator } from './evaluator.ts';
import type { Functions } from './go-type.ts';
import { GoMap, Named, Slice, type Value } from './go-value.ts';
import { maxOutputBytes } from './printer.ts';
import { sprint } from './printf.ts';
import type { Instruction, Tree } from './program.ts';
import { quote } from './quote.ts';
import { indirect, integerOf, isTrue, lengthOf } from './reflect.ts';
import { CallError, TemplateError } from './template-error.ts';

/** How deep templates may call each other, as in Go. */
export const maxTemplateDepth = 100_000;

/** How many instructions, rounds of ranges and function calls one execution may take. */
export const maxSteps = 10_000_000;

/** What one file consists of. */
export interface ParsedFile {
  readonly name: ByteString;
  readonly source: ByteString;
  readonly trees: ReadonlyMap<ByteString, Tree>;
}

/** The elements of a range, and how far it is. */
interface Iteration {
  readonly count: number;
  readonly at: (index: number) => readonly [index: Value, element: Value];
  readonly instruction: Extract<Instruction, { op: 'range' }>;
  /** Variables there are before each round. */
  readonly variables: number;
  index: number;
}

/** An if, with or range being executed. */
interface Scope {
  readonly dot: Value;
  readonly variables: number;
  iteration: Iteration | undefined;
}

/** A template being executed. */
interface Frame {
  readonly tree: Tree;
  readonly names: ByteString[];
  readonly values: Value[];
  readonly scopes: Scope[];
  dot: Value;
  at: number;
}

/** One execution of a template, with a stack of its own for template calls. */
export class Execution {
  readonly #file: ParsedFile;
  readonly #evaluator: Evaluator;
  readonly #callers: Frame[] = [];
  #frame: Frame;
  #out = '';
  #steps = 0;

  constructor(file: ParsedFile, tree: Tree, dot: Value, functions: Functions) {
    this.#file = file;
    this.#evaluator = new Evaluator(
      functions,
      (node, reason, cause) => this.#report(node, reason, cause),
      (work) => this.#spend(work),
    );
    this.#frame = this.#enter(tree, dot);
  }

  run(): ByteString {
    try {
      for (;;) {
        const instruction = this.#frame.tree.program[this.#frame.at++];
        if (instruction === undefined) {
          const caller = this.#callers.pop();
          if (caller === undefined) return this.#out;
          this.#return(caller);
        } else {
          this.#spend(1);
          this.#execute(instruction);
        }
      }
    } catch (error) {
      // The machine's own limits: its stack, and the length of a string.
      if (error instanceof RangeError) return this.#evaluator.fail('the value is too large or nests too deeply', error);
      throw error;
    }
  }

  #execute(instruction: Instruction): void {
    switch (instruction.op) {
      case 'text':
        this.#write(instruction.text);
        return;
      case 'action':
        this.#action(instruction);
        return;
      case 'branch':
        this.#branch(instruction);
        return;
      case 'range':
        this.#range(instruction);
        return;
      case 'next':
        this.#next(instruction.body);
        return;
      case 'jump':
        this.#frame.at = instruction.to;
        return;
      case 'leave':
        this.#leave();
        return;
      case 'unwind':
        this.#frame.scopes.length = instruction.depth;
        this.#frame.at = instruction.to;
        return;
      case 'call':
        this.#call(instruction.node);
    }
  }

  #action({ pipe }: Extract<Instruction, { op: 'action' }>): void {
    const value = this.#evaluator.pipeline(this.#frame.dot, pipe);
    if (pipe.variables.length > 0) return;
    if (typeof value === 'string') this.#write(value);
    else this.#write(this.#print(value));
  }

  #print(value: Value): ByteString {
    try {
      return sprint([printable(value)]);
    } catch (error) {
      if (error instanceof CallError) this.#evaluator.fail(error.message, error);
      throw error;
    }
  }

  #write(text: ByteString): void {
    this.#out += text;
    if (this.#out.length > maxOutputBytes) this.#evaluator.fail(`output exceeds ${maxOutputBytes} bytes`);
  }

  #branch(instruction: Extract<Instruction, { op: 'branch' }>): void {
    const scope = this.#openScope();
    const value = this.#evaluator.pipeline(scope.dot, instruction.pipe);
    if (!isTrue(value)) this.#frame.at = instruction.otherwise;
    else if (instruction.setsDot) this.#frame.dot = value;
  }

  #range(instruction: Extract<Instruction, { op: 'range' }>): void {
    const scope = this.#openScope();
    const { value } = indirect(this.#evaluator.pipeline(scope.dot, instruction.pipe));
    const elements = this.#elements(value, instruction.pipe.variables.length);
    if (elements.count === 0) {
      this.#frame.at = instruction.otherwise;
      return;
    }
    scope.iteration = { ...elements, instruction, variables: this.#frame.names.length, index: 0 };
    this.#beginRound(scope.iteration);
  }

  #elements(value: Value, variables: number): Pick<Iteration, 'count' | 'at'> {
    if (value instanceof Slice) return { count: value.length, at: (index) => [BigInt(index), value.at(index)] };
    if (value instanceof GoMap) {
      this.#spend(lengthOf(value) ?? 0);
      const keys = value.sortedKeys();
      return { count: keys.length, at: (index) => [keys[index], value.get(keys[index] ?? '')] };
    }
    const integer = integerOf(value);
    if (integer === undefined) {
      if (value === undefined) return { count: 0, at: () => [undefined, undefined] };
      return this.#evaluator.fail(`range can't iterate over ${this.#print(value)}`);
    }
    if (variables > 1) this.#evaluator.fail(`can't use ${integer} to iterate over more than one variable`);
    const type = value instanceof Named ? value.type : undefined;
    const element = (index: number) => (type === undefined ? BigInt(index) : new Named(type, BigInt(index)));
    return { count: integer > 0n ? Number(integer) : 0, at: (index) => [undefined, element(index)] };
  }

  #beginRound(iteration: Iteration): void {
    const [index, element] = iteration.at(iteration.index);
    const { assigns, variables } = iteration.instruction.pipe;
    const [first, second] = variables;
    const values = second === undefined ? [element] : [index, element];
    if (assigns) {
      if (first !== undefined) this.#evaluator.assign(first, values[0]);
      if (second !== undefined) this.#evaluator.assign(second, values[1]);
    } else {
      for (const [at, name] of variables.entries()) {
        const place = iteration.variables - variables.length + at;
        if (name !== undefined) this.#frame.values[place] = values[at];
      }
    }
    this.#frame.dot = element;
  }

  #next(body: number): void {
    const iteration = this.#frame.scopes.at(-1)?.iteration;
    if (iteration === undefined) return;
    this.#evaluator.forget(iteration.variables);
    iteration.index++;
    if (iteration.index >= iteration.count) return;
    this.#frame.at = body;
    this.#beginRound(iteration);
  }

  #openScope(): Scope {
    const scope = { dot: this.#frame.dot, variables: this.#frame.names.length, iteration: undefined };
    this.#frame.scopes.push(scope);
    return scope;
  }

  #leave(): void {
    const scope = this.#frame.scopes.pop();
    if (scope === undefined) return;
    this.#evaluator.forget(scope.variables);
    this.#frame.dot = scope.dot;
  }

  #call(node: TemplateCallNode): void {
    this.#evaluator.at(node);
    const tree = this.#file.trees.get(node.name);
    if (tree === undefined) this.#evaluator.fail(`template ${quote(node.name)} not defined`);
    if (this.#callers.length === maxTemplateDepth) {
      this.#evaluator.fail(`exceeded maximum template depth (${maxTemplateDepth})`);
    }
    const dot = node.pipe === undefined ? undefined : this.#evaluator.pipeline(this.#frame.dot, node.pipe);
    this.#callers.push(this.#frame);
    this.#frame = this.#enter(tree, dot);
  }

  #enter(tree: Tree, dot: Value): Frame {
    const frame = { tree, names: ['$'], values: [dot], scopes: [], dot, at: 0 };
    this.#evaluator.names = frame.names;
    this.#evaluator.values = frame.values;
    return frame;
  }

  #return(caller: Frame): void {
    this.#frame = caller;
    this.#evaluator.names = caller.names;
    this.#evaluator.values = caller.values;
  }

  #spend(work: number): void {
    this.#steps += work;
    if (this.#steps > maxSteps) this.#evaluator.fail(`execution exceeds ${maxSteps} steps`);
  }

  #report(node: Node | CommandNode | TemplateCallNode, reason: ByteString, cause?: unknown): never {
    const { name, source } = this.#file;
    const before = source.slice(0, node.pos);
    const line = before.split('\n').length;
    const column = node.pos - (before.lastIndexOf('\n') + 1);
    const context = describeNode(node);
    const where = `${name}:${line}:${column}: executing ${quote(this.#frame.tree.name)} at <${context}>`;
    const message = textOf(`template: ${where}: ${reason}`);
    throw new TemplateError(message, { file: textOf(name), line, column: column + 1 }, textOf(reason), { cause });
  }
}
