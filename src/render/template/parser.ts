import type { PipeNode } from './ast.ts';
import type { ByteString } from './byte-string.ts';
import { ExpressionParser } from './expression-parser.ts';
import type { Instruction, Tree } from './program.ts';
import { quote } from './quote.ts';
import { isKeyword, type Token } from './token.ts';
import { TokenStream } from './token-stream.ts';

type BlockKind = 'if' | 'with' | 'range';

/** An if, with or range whose end has not been seen. */
interface OpenBlock {
  readonly kind: BlockKind;
  readonly variables: number;
  readonly start: Extract<Instruction, { op: 'branch' | 'range' }>;
  /** Instructions that lead to the block's end. */
  readonly exits: ({ to: number } & Instruction)[];
  readonly body: number;
  inElse: boolean;
  /** Begun by `{{else if}}`: the `{{end}}` ends the block around it, too. */
  readonly continuesElse: boolean;
}

/** A template being read: the file's own, a `define` or a `block`. */
interface OpenTree {
  readonly name: ByteString;
  readonly context: 'file' | 'define clause' | 'block clause';
  /** The end of what it was opened by: where Go reports what is wrong with a block. */
  readonly header: Token;
  readonly expressions: ExpressionParser;
  readonly program: Instruction[];
  readonly blocks: OpenBlock[];
  isEmpty: boolean;
}

/** Space as Go's bytes.TrimSpace has it, in UTF-8. */
const blank = /^(?:[\t-\r ]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80)*$/;

/** Reads a file into its templates, with a stack of its own for what nests. Throws a TemplateError. */
export class Parser {
  readonly #tokens: TokenStream;
  readonly #isFunction: (name: ByteString) => boolean;
  readonly #trees = new Map<ByteString, Tree>();
  readonly #outer: OpenTree[] = [];
  #tree: OpenTree;

  constructor(name: ByteString, source: ByteString, isFunction: (name: ByteString) => boolean) {
    this.#tokens = new TokenStream(name, source);
    this.#isFunction = isFunction;
    this.#tree = this.#open(name, 'file');
  }

  parse(): ReadonlyMap<ByteString, Tree> {
    while (this.#tokens.peekNonSpace().kind !== 'eof') this.#textOrAction();
    if (this.#outer.length > 0 || this.#tree.blocks.length > 0) this.#tokens.fail('unexpected EOF');
    this.#close();
    return this.#trees;
  }

  #textOrAction(): void {
    const token = this.#tokens.nextNonSpace();
    if (token.kind === 'text') {
      this.#tree.program.push({ op: 'text', text: token.value });
      this.#tree.isEmpty &&= blank.test(token.value);
    } else if (token.kind === 'leftDelim') {
      this.#action(token);
    } else {
      this.#tokens.unexpected(token, 'input');
    }
  }

  #action(delimiter: Token): void {
    const token = this.#tokens.nextNonSpace();
    const atTop = this.#outer.length === 0 && this.#tree.blocks.length === 0;
    if (token.kind === 'define' && atTop) {
      this.#define();
      return;
    }
    this.#tokens.actionLine = delimiter.line;
    if (isBlock(token.kind)) {
      this.#begin(token.kind, false);
      return;
    }
    if (token.kind === 'block') {
      this.#block();
      return;
    }
    this.#simpleAction(token);
    this.#tokens.actionLine = 0;
  }

  #simpleAction(token: Token): void {
    switch (token.kind) {
      case 'else':
        this.#else();
        return;
      case 'end':
        this.#tokens.expect('end', 'rightDelim');
        this.#end();
        return;
      case 'break':
      case 'continue':
        this.#loopControl(token.kind);
        return;
      case 'template':
        this.#templateCall();
        return;
      default:
        this.#tokens.back(token);
        this.#emit({ op: 'action', pipe: this.#tree.expressions.pipeline('command', 'rightDelim') });
    }
  }

  #begin(kind: BlockKind, continuesElse: boolean): void {
    const { expressions, program, blocks } = this.#tree;
    const variables = expressions.variables.length;
    const pipe = expressions.pipeline(kind, 'rightDelim');
    const start = startOf(kind, pipe);
    this.#emit(start);
    blocks.push({ kind, variables, start, exits: [], body: program.length, inElse: false, continuesElse });
  }

  #else(): void {
    const next = this.#tokens.peekNonSpace();
    const continues = next.kind === 'if' || next.kind === 'with' ? next.kind : undefined;
    if (continues === undefined) this.#tokens.expect('else', 'rightDelim');
    const block = this.#tree.blocks.at(-1);
    if (block === undefined) this.#strayKeyword('else');
    if (block.inElse) this.#tokens.fail('expected end; found {{else}}');
    this.#finishBody(block);
    block.inElse = true;
    block.start.otherwise = this.#tree.program.length;
    this.#tokens.actionLine = 0;
    if (continues === undefined) return;
    if (continues !== block.kind) this.#tokens.unexpected(this.#tokens.nextNonSpace(), 'input');
    this.#tokens.nextNonSpace();
    this.#begin(continues, true);
  }

  /** The end of what is done when a block's condition holds. */
  #finishBody(block: OpenBlock): void {
    if (block.start.op === 'range') this.#tree.program.push({ op: 'next', body: block.body });
    const exit: OpenBlock['exits'][number] = { op: 'jump', to: -1 };
    block.exits.push(exit);
    this.#tree.program.push(exit);
  }

  #end(): void {
    for (;;) {
      const block = this.#tree.blocks.pop();
      if (block === undefined) {
        if (this.#tree.context === 'file') this.#strayKeyword('end');
        this.#endTree();
        return;
      }
      this.#finish(block);
      if (!block.continuesElse) return;
    }
  }

  #finish(block: OpenBlock): void {
    const { program, expressions } = this.#tree;
    if (!block.inElse) {
      if (block.start.op === 'range') program.push({ op: 'next', body: block.body });
      block.start.otherwise = program.length;
    }
    for (const exit of block.exits) exit.to = program.length;
    program.push({ op: 'leave' });
    expressions.variables.length = block.variables;
  }

  #strayKeyword(keyword: 'else' | 'end'): never {
    const { context, header } = this.#tree;
    const reason = `unexpected {{${keyword}}}${context === 'file' ? '' : ` in ${context}`}`;
    this.#tokens.fail(reason, context === 'block clause' ? header : this.#tokens.latest);
  }

  #loopControl(kind: 'break' | 'continue'): void {
    const token = this.#tokens.nextNonSpace();
    if (token.kind !== 'rightDelim') this.#tokens.unexpected(token, `{{${kind}}}`);
    const { blocks } = this.#tree;
    const inBody = blocks.findLastIndex((block) => block.kind === 'range' && !block.inElse);
    if (inBody < 0) this.#tokens.fail(`{{${kind}}} outside {{range}}`);
    // In the else of an inner range, Go's break ends just that.
    const depth = kind === 'continue' ? inBody : blocks.findLastIndex((block) => block.kind === 'range');
    const range = blocks[depth];
    if (range === undefined) return;
    const unwind = { op: 'unwind' as const, depth: depth + 1, to: -1 };
    this.#emit(unwind);
    if (kind === 'break') {
      range.exits.push(unwind);
      return;
    }
    // The next round begins where the body ends, which is known at its end only: a `next` of its own leads there.
    this.#tree.program.push({ op: 'next', body: range.body });
    unwind.to = this.#tree.program.length - 1;
    const exit: OpenBlock['exits'][number] = { op: 'jump', to: -1 };
    range.exits.push(exit);
    this.#tree.program.push(exit);
  }

  #templateCall(): void {
    const token = this.#tokens.nextNonSpace();
    const name = this.#templateName(token, 'template clause');
    const next = this.#tokens.nextNonSpace();
    if (next.kind === 'rightDelim') {
      this.#emit({ op: 'call', node: { kind: 'template', pos: token.pos, name, pipe: undefined } });
      return;
    }
    this.#tokens.back(next);
    const pipe = this.#tree.expressions.pipeline('template clause', 'rightDelim');
    this.#emit({ op: 'call', node: { kind: 'template', pos: token.pos, name, pipe } });
  }

  #templateName(token: Token, context: string): ByteString {
    if (token.kind !== 'string' && token.kind !== 'rawString') this.#tokens.unexpected(token, context);
    return this.#tree.expressions.stringValue(token);
  }

  #define(): void {
    const token = this.#tokens.expect('define clause', 'string', 'rawString');
    const name = this.#tree.expressions.stringValue(token);
    this.#tokens.expect('define clause', 'rightDelim');
    this.#outer.push(this.#tree);
    this.#tree = this.#open(name, 'define clause');
  }

  #block(): void {
    const token = this.#tokens.nextNonSpace();
    const name = this.#templateName(token, 'block clause');
    const pipe = this.#tree.expressions.pipeline('block clause', 'rightDelim');
    this.#emit({ op: 'call', node: { kind: 'template', pos: token.pos, name, pipe } });
    this.#outer.push(this.#tree);
    this.#tree = this.#open(name, 'block clause');
    this.#tokens.actionLine = 0;
  }

  #endTree(): void {
    this.#close();
    const outer = this.#outer.pop();
    if (outer !== undefined) this.#tree = outer;
  }

  #open(name: ByteString, context: OpenTree['context']): OpenTree {
    const expressions = new ExpressionParser(this.#tokens, this.#isFunction);
    return { name, context, header: this.#tokens.latest, expressions, program: [], blocks: [], isEmpty: true };
  }

  #close(): void {
    const { name, program, isEmpty } = this.#tree;
    const known = this.#trees.get(name);
    if (known === undefined || known.isEmpty) this.#trees.set(name, { name, program, isEmpty });
    else if (!isEmpty) this.#tokens.fail(`template: multiple definition of template ${quote(name)}`);
  }

  #emit(instruction: Instruction): void {
    this.#tree.program.push(instruction);
    this.#tree.isEmpty = false;
  }
}

function isBlock(kind: Token['kind']): kind is BlockKind {
  return isKeyword(kind) && (kind === 'if' || kind === 'with' || kind === 'range');
}

function startOf(kind: BlockKind, pipe: PipeNode): OpenBlock['start'] {
  if (kind === 'range') return { op: 'range', pipe, otherwise: -1 };
  return { op: 'branch', setsDot: kind === 'with', pipe, otherwise: -1 };
}
