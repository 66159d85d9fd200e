import type { ByteString } from '../byte-string.ts';
import { dotKeys } from './data-generator.ts';
import { ExpressionGenerator } from './expression-generator.ts';
import { oddActions } from './odd-actions.ts';
import type { Random } from './random.ts';

const texts = ['text', ' ', '\n', '  \n  ', 'a: b\n', '}}', '{ {', 'h\xc3\xa9', '\xff', '-', '\t', '\r\n'] as const;
const noise = [
  '{{',
  '}}',
  '{{-',
  '-}}',
  ' ',
  '(',
  ')',
  '|',
  '"',
  '`',
  "'",
  '$',
  '.',
  ':=',
  '=',
  ',',
  '/*',
  '*/',
  '\n',
  'end',
  '0',
  'x',
  '\\',
  '+',
  '%',
  '!',
  '\xc3\xa9',
  '\0',
  '_',
] as const;

/** Makes templates of all constructs, nested, mostly right. */
export class TemplateGenerator {
  readonly #random: Random;
  readonly #expressions: ExpressionGenerator;
  #templates = 0;
  /** In a template that may call itself, what it passes on must not grow without end: Go would take all memory. */
  #defining = false;

  constructor(random: Random) {
    this.#random = random;
    this.#expressions = new ExpressionGenerator(random, dotKeys);
  }

  generate(): ByteString {
    const definitions = this.#random.list(2, () => this.#define()).join('');
    const source = definitions + this.#body(4) + (this.#random.chance(0.1) ? this.#define() : '');
    return this.#random.chance(0.25) ? this.#damaged(source) : source;
  }

  #damaged(source: ByteString): ByteString {
    const at = this.#random.below(source.length + 1);
    const length = this.#random.below(4);
    const insert = this.#random.chance(0.7) ? this.#random.pick(noise) : '';
    return source.slice(0, at) + insert + source.slice(at + length);
  }

  #define(): ByteString {
    const name = this.#random.pick(['t', 'u', 'v', `t${this.#templates++}`]);
    const scope = this.#expressions.enter();
    this.#defining = true;
    const body = this.#body(2);
    this.#defining = false;
    this.#expressions.leave(scope);
    return `${this.#action(`define "${name}"`)}${body}${this.#action('end')}`;
  }

  #body(depth: number): ByteString {
    return this.#random.list(depth + 1, () => this.#node(depth)).join('');
  }

  #node(depth: number): ByteString {
    const simple = [
      () => this.#random.pick(texts),
      () => this.#action(this.#expressions.pipeline(2)),
      () => this.#action(this.#expressions.pipeline(3)),
      () => this.#action(this.#expressions.declaration()),
      () => this.#action(this.#expressions.assignment()),
      () => this.#action(`template "${this.#random.pick(['t', 'u', 'v', 'absent'])}"${this.#argument()}`),
      () => this.#comment(),
      () => (this.#random.chance(0.15) ? this.#odd() : this.#random.pick(texts)),
    ] as const;
    if (depth <= 0 || this.#random.chance(0.5)) return this.#random.pick(simple)();
    return this.#random.pick([
      () => this.#branch('if', depth),
      () => this.#branch('with', depth),
      () => this.#range(depth),
      () => this.#range(depth),
      () => this.#block(depth),
    ])();
  }

  #argument(): ByteString {
    if (this.#defining) return this.#random.pick(['', ' .', ' "a"', ' 1', ' true', ' nil']);
    return this.#random.chance(0.7) ? ` ${this.#expressions.pipeline(1)}` : '';
  }

  #block(depth: number): ByteString {
    const argument = this.#expressions.pipeline(1);
    const scope = this.#expressions.enter();
    const body = this.#body(depth - 1);
    this.#expressions.leave(scope);
    return `${this.#action(`block "b${this.#templates++}" ${argument}`)}${body}${this.#action('end')}`;
  }

  #branch(keyword: 'if' | 'with', depth: number): ByteString {
    const scope = this.#expressions.open();
    const condition = this.#random.chance(0.2) ? this.#expressions.declaration() : this.#expressions.pipeline(2);
    let out = this.#action(`${keyword} ${condition}`) + this.#body(depth - 1);
    while (this.#random.chance(0.2)) {
      out += this.#action(`else ${keyword} ${this.#expressions.pipeline(2)}`) + this.#body(depth - 1);
    }
    if (this.#random.chance(0.4)) out += this.#action('else') + this.#body(depth - 1);
    this.#expressions.close(scope);
    return out + this.#action('end');
  }

  #range(depth: number): ByteString {
    const scope = this.#expressions.open();
    const variables = this.#expressions.rangeVariables();
    const pipeline = this.#random.chance(0.8) ? this.#expressions.iterable() : this.#expressions.pipeline(2);
    // Go has no limit.
    const over = pipeline.includes('9223372036854775807') ? '3' : pipeline;
    let out = this.#action(`range ${variables}${over}`) + this.#body(depth - 1);
    if (this.#random.chance(0.3)) out += this.#loopControl() + this.#body(1);
    if (this.#random.chance(0.3)) out += this.#action('else') + this.#body(depth - 1);
    if (this.#random.chance(0.05)) out += this.#loopControl();
    this.#expressions.close(scope);
    return out + this.#action('end');
  }

  #loopControl(): ByteString {
    const control = this.#action(this.#random.pick(['break', 'continue']));
    if (this.#random.chance(0.5)) return control;
    return this.#action(`if ${this.#expressions.pipeline(2)}`) + control + this.#action('end');
  }

  #odd(): ByteString {
    return this.#action(oddActions[this.#random.below(oddActions.length)] ?? '');
  }

  #comment(): ByteString {
    return `{{${this.#random.pick(['', '- '])}/* note {{ */${this.#random.pick(['', ' -'])}}}`;
  }

  #action(inner: ByteString): ByteString {
    const left = this.#random.pick(['{{', '{{ ', '{{- ', '{{', '{{\n']);
    const right = this.#random.pick(['}}', ' }}', ' -}}', '}}', '\n}}']);
    return left + inner + right;
  }
}
