import type { CommandNode, Node, PipeNode } from './ast.ts';
import { describeNode } from './ast.ts';
import type { ByteString } from './byte-string.ts';
import { readNumber } from './number-literal.ts';
import { quote } from './quote.ts';
import type { Token, TokenKind } from './token.ts';
import type { TokenStream } from './token-stream.ts';
import { unquote } from './unquote.ts';

/** How deep parentheses may nest. Go allows 10,000; nothing real comes near, and reading them takes the machine's stack. */
export const maxExpressionDepth = 500;

const operandStarts: ReadonlySet<TokenKind> = new Set<TokenKind>([
  'bool',
  'charConstant',
  'complex',
  '.',
  'field',
  'identifier',
  'number',
  'nil',
  'rawString',
  'string',
  'variable',
  'leftParen',
]);

/** Reads pipelines, and knows which variables and functions they may name. */
export class ExpressionParser {
  readonly #tokens: TokenStream;
  readonly #isFunction: (name: ByteString) => boolean;
  /** Variables in scope, innermost last. */
  variables: ByteString[] = ['$'];
  #depth = 0;

  constructor(tokens: TokenStream, isFunction: (name: ByteString) => boolean) {
    this.#tokens = tokens;
    this.#isFunction = isFunction;
  }

  /** `context` is what the pipeline is for, in the words of the messages. Consumes `end`. */
  pipeline(context: string, end: TokenKind): PipeNode {
    const { pos } = this.#tokens.peekNonSpace();
    const { variables, assigns } = this.#declarations(context);
    const commands: CommandNode[] = [];
    for (;;) {
      const token = this.#tokens.nextNonSpace();
      if (token.kind === end) break;
      if (!operandStarts.has(token.kind)) this.#tokens.unexpected(token, context);
      this.#tokens.back(token);
      commands.push(this.#command());
    }
    this.#check(commands, context);
    return { kind: 'pipe', pos, assigns, variables, commands };
  }

  #check(commands: readonly CommandNode[], context: string): void {
    if (commands.length === 0) this.#tokens.fail(`missing value for ${context}`);
    const literal = commands.findIndex(
      ({ first }, index) => index > 0 && ['bool', 'dot', 'nil', 'number', 'string'].includes(first.kind),
    );
    if (literal > 0) this.#tokens.fail(`non executable command in pipeline stage ${literal + 1}`);
  }

  /** `$x :=`, `$x =`, and in a range `$i, $x :=`. */
  #declarations(context: string): { readonly variables: ByteString[]; readonly assigns: boolean } {
    const variables: ByteString[] = [];
    while (this.#tokens.peekNonSpace().kind === 'variable') {
      const variable = this.#tokens.nextNonSpace();
      const adjacent = this.#tokens.next();
      const next = adjacent.kind === 'space' ? this.#tokens.nextNonSpace() : adjacent;
      const isComma = next.kind === 'char' && next.value === ',';
      if (next.kind !== 'assign' && next.kind !== 'declare' && !isComma) {
        this.#tokens.back(next);
        if (adjacent !== next) this.#tokens.back(adjacent);
        this.#tokens.back(variable);
        break;
      }
      variables.push(variable.value);
      this.variables.push(variable.value);
      if (!isComma) return { variables, assigns: next.kind === 'assign' };
      this.#afterComma(context, variables.length);
    }
    return { variables, assigns: false };
  }

  #afterComma(context: string, declared: number): void {
    if (context !== 'range' || declared >= 2) this.#tokens.fail(`too many declarations in ${context}`);
    const { kind } = this.#tokens.peekNonSpace();
    if (kind !== 'variable' && kind !== 'rightDelim' && kind !== 'rightParen') {
      this.#tokens.fail('range can only initialize variables');
    }
  }

  #command(): CommandNode {
    const { pos } = this.#tokens.peekNonSpace();
    const operands: Node[] = [];
    for (;;) {
      this.#tokens.peekNonSpace();
      const operand = this.#operand();
      if (operand !== undefined) operands.push(operand);
      const token = this.#tokens.next();
      if (token.kind === 'space') continue;
      if (token.kind === 'rightDelim' || token.kind === 'rightParen') this.#tokens.back(token);
      else if (token.kind !== 'pipe') this.#tokens.unexpected(token, 'operand');
      break;
    }
    const [first, ...rest] = operands;
    return first === undefined ? this.#tokens.fail('empty command') : { kind: 'command', pos, first, rest };
  }

  /** A term and the fields after it; undefined if what comes is none. */
  #operand(): Node | undefined {
    const node = this.#term();
    if (node === undefined || this.#tokens.peek().kind !== 'field') return node;
    const { pos } = this.#tokens.peek();
    const path: ByteString[] = [];
    while (this.#tokens.peek().kind === 'field') path.push(this.#tokens.next().value.slice(1));
    switch (node.kind) {
      case 'field':
      case 'variable':
        return { ...node, pos, path: [...node.path, ...path] };
      case 'bool':
      case 'string':
      case 'number':
      case 'nil':
      case 'dot':
        return this.#tokens.fail(`unexpected . after term ${quote(describeNode(node))}`);
      default:
        return { kind: 'chain', pos, node, path };
    }
  }

  #term(): Node | undefined {
    const token = this.#tokens.nextNonSpace();
    const { kind, pos, value } = token;
    switch (kind) {
      case 'identifier':
        if (!this.#isFunction(value)) this.#tokens.fail(`function ${quote(value)} not defined`);
        return { kind: 'identifier', pos, name: value };
      case '.':
        return { kind: 'dot', pos };
      case 'nil':
        return { kind: 'nil', pos };
      case 'variable':
        if (!this.variables.includes(value)) this.#tokens.fail(`undefined variable ${quote(value)}`);
        return { kind: 'variable', pos, name: value, path: [] };
      case 'field':
        return { kind: 'field', pos, path: [value.slice(1)] };
      case 'bool':
        return { kind: 'bool', pos, value: value === 'true' };
      case 'charConstant':
      case 'complex':
      case 'number':
        return this.#number(pos, value, kind);
      case 'leftParen':
        return this.#parenthesized();
      case 'string':
      case 'rawString':
        return { kind: 'string', pos, quoted: value, value: this.stringValue(token) };
      default:
        this.#tokens.back(token);
        return undefined;
    }
  }

  #number(pos: number, text: ByteString, kind: 'number' | 'complex' | 'charConstant'): Node {
    const number = readNumber(pos, text, kind);
    return number.outcome === 'number' ? number.node : this.#tokens.fail(number.reason);
  }

  #parenthesized(): Node {
    if (this.#depth >= maxExpressionDepth) this.#tokens.fail('max expression depth exceeded');
    this.#depth++;
    const pipe = this.pipeline('parenthesized pipeline', 'rightParen');
    this.#depth--;
    return pipe;
  }

  /** What stands between the quotes. */
  stringValue(token: Token): ByteString {
    return unquote(token.value) ?? this.#tokens.fail('invalid syntax');
  }
}
