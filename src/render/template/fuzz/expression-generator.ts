import type { ByteString } from '../byte-string.ts';
import { fieldPaths, formats, numbers, strings } from './expression-words.ts';
import type { Random } from './random.ts';

const variadic = ['print', 'println', 'html', 'js', 'urlquery', 'and', 'or', 'index', 'slice', 'eq', 'call'] as const;
const binary = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'index'] as const;

/** Makes pipelines, and keeps the variables in scope. */
export class ExpressionGenerator {
  readonly #random: Random;
  readonly #keys: readonly [string, ...string[]];
  #variables: string[] = [];

  constructor(random: Random, keys: readonly [string, ...string[]]) {
    this.#random = random;
    this.#keys = keys;
  }

  /** A template of its own: no variables from outside. Returns those of outside. */
  enter(): string[] {
    const outside = this.#variables;
    this.#variables = [];
    return outside;
  }

  leave(outside: string[]): void {
    this.#variables = outside;
  }

  /** A scope: how many variables there were. */
  open(): number {
    return this.#variables.length;
  }

  close(count: number): void {
    this.#variables.length = count;
  }

  declaration(): ByteString {
    const value = this.pipeline(2);
    const name = this.#random.pick(['$x', '$y', '$z', '$long_1', '$h\xc3\xa9', '$\xc3\xa91']);
    this.#variables.push(name);
    return `${name} := ${value}`;
  }

  assignment(): ByteString {
    const [known] = this.#variables.slice(this.#random.below(this.#variables.length + 1));
    return `${this.#random.chance(0.95) && known !== undefined ? known : '$x'} = ${this.pipeline(2)}`;
  }

  rangeVariables(): ByteString {
    const kind = this.#random.below(10);
    if (kind < 4) return '';
    if (kind < 6) return this.#declare('$e', '$e := ');
    if (kind < 8) return this.#declare('$i', this.#declare('$e', '$i, $e := '));
    return this.#variables.length > 0 && kind === 8 ? `${this.#variables[0]} = ` : '$i, $e = ';
  }

  #declare(name: string, text: ByteString): ByteString {
    this.#variables.push(name);
    return text;
  }

  iterable(): ByteString {
    return this.#random.pick([
      '$.strs',
      '$.list',
      '$.map',
      '$.imap',
      '$.sub',
      '3',
      '.strs',
      '.list',
      '$.ptr.Tags',
      '(slice $.strs 1)',
      '$.u8',
      '.',
      '0',
      '-2',
      '$.i32',
      '$.ptrs',
      '$.stamps',
      '$.range',
      '(slice $.ptrs 1)',
      '2.0',
      "'a'",
      '$.item.Extra',
      '(index $.imap 1)',
    ]);
  }

  pipeline(depth: number): ByteString {
    let out = this.#command(depth);
    while (this.#random.chance(0.2)) out += `${this.#random.pick([' | ', '|'])}${this.#stage(depth)}`;
    return out;
  }

  #stage(depth: number): ByteString {
    return this.#random.chance(0.9) ? this.#call(Math.min(depth, 1), 1) : this.#operand(depth);
  }

  #command(depth: number): ByteString {
    if (this.#random.chance(0.45)) return this.#call(depth, 0);
    if (this.#random.chance(0.1)) return `$.ptr${this.#methodCall(depth)}`;
    return this.#operand(depth) + (this.#random.chance(0.03) ? ` ${this.#operand(1)}` : '');
  }

  #methodCall(depth: number): ByteString {
    return this.#random.pick<() => ByteString>([
      () => `.Double ${this.#operand(depth - 1)}`,
      () => `.Greet ${this.#operand(depth - 1)}`,
      () => `.Scale ${this.#operand(depth - 1)} ${this.#operand(depth - 1)}`,
      () => '.Self.Name',
      () => '.IsBig',
    ])();
  }

  /** `piped`: how many arguments come through the pipe. */
  #call(depth: number, piped: number): ByteString {
    const inner = depth - 1;
    const kind = this.#random.below(10);
    if (kind < 3) return `printf ${this.#format()}${this.#operands(inner, 1 + this.#random.below(3))}`;
    if (kind < 4) return `${this.#random.pick(['len', 'not'])}${this.#operands(inner, 1 - piped)}`;
    if (kind < 7) return `${this.#random.pick(binary)} ${this.#operand(inner)}${this.#operands(inner, 1 - piped)}`;
    return `${this.#random.pick(variadic)}${this.#random.list(3, () => ` ${this.#operand(inner)}`).join('')}`;
  }

  #format(): ByteString {
    if (this.#random.chance(0.1)) return this.#operand(0);
    const verb = () => (this.#random.chance(0.5) ? this.#random.pick(formats) : this.#verb());
    const parts = [verb(), ...this.#random.list(2, verb)];
    return `"${parts.join(' ')}"`;
  }

  /** Of any flags, width, precision and argument numbers. */
  #verb(): ByteString {
    const flags = this.#random.list(3, () => this.#random.pick(['#', '0', '+', '-', ' '])).join('');
    const number = () =>
      this.#random.chance(0.1) ? this.#random.pick(['[1]', '[2]', '[3]', '[0]', '[-1]', '[', '[]'] as const) : '';
    const width = this.#random.pick(['', '', '', '1', '3', '8', '20', '*', '007']);
    const precision = this.#random.pick(['', '', '', '.', '.0', '.1', '.4', '.12', '.*', '.-1']);
    const verbs = 'vvvvTtbcdoOqxXUeEfFgGspwz%';
    const verb = verbs.charAt(this.#random.below(verbs.length));
    return `%${flags}${number()}${width}${number()}${precision}${number()}${verb}`;
  }

  /** Mostly so many. */
  #operands(depth: number, count: number): ByteString {
    const wanted = this.#random.chance(0.9) ? count : this.#random.below(4);
    return Array.from({ length: Math.max(wanted, 0) }, () => ` ${this.#operand(depth)}`).join('');
  }

  #operand(depth: number): ByteString {
    const kind = this.#random.below(20);
    if (kind < 3) return this.#random.pick(numbers);
    if (kind < 6) return this.#random.pick(strings);
    if (kind < 7) return this.#random.pick(['true', 'false', 'nil', 'true', '.', '$', '.']);
    if (kind < 10) return this.#variable();
    if (kind < 15 || depth <= 0) return `${this.#random.pick(['.', '$.', '$.'])}${this.#path()}`;
    const chain = this.#random.chance(0.2) ? this.#random.pick(fieldPaths) : '';
    const [open, close] = this.#random.chance(0.9)
      ? ['(', ')']
      : this.#random.pick([
          ['( ', ' )'],
          ['((', '))'],
          ['(\n', '\n)'],
        ]);
    return `${open}${this.pipeline(depth - 1)}${close}${chain}`;
  }

  #path(): ByteString {
    const key = this.#random.pick(this.#keys);
    const longer = this.#random.chance(key === 'ptr' || key === 'item' || key === 'sub' ? 0.7 : 0.1);
    return key + (longer ? this.#random.pick(fieldPaths) : '');
  }

  #variable(): ByteString {
    if (this.#variables.length === 0 || this.#random.chance(0.05)) return this.#random.pick(['$', '$x', '$.s']);
    const name = this.#variables[this.#random.below(this.#variables.length)] ?? '$';
    return name + (this.#random.chance(0.1) ? this.#random.pick(fieldPaths) : '');
  }
}
