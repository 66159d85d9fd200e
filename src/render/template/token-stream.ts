import type { ByteString } from './byte-string.ts';
import { textOf } from './byte-string.ts';
import { Lexer } from './lexer.ts';
import { TemplateError } from './template-error.ts';
import { describeToken, type Token, type TokenKind } from './token.ts';

/** Tokens with up to three pushed back, and the errors about them. */
export class TokenStream {
  readonly #lexer: Lexer;
  readonly #source: ByteString;
  readonly #name: ByteString;
  /** The next tokens, the nearest last. */
  readonly #pushedBack: Token[] = [];
  /** The token read last, pushed back or not: errors are reported at its line. */
  #latest: Token = { kind: 'eof', pos: 0, line: 0, value: '' };
  /** Line of the action being read; 0 between actions. */
  actionLine = 0;

  constructor(name: ByteString, source: ByteString) {
    this.#name = name;
    this.#source = source;
    this.#lexer = new Lexer(source);
  }

  next(): Token {
    const token = this.#pushedBack.pop();
    if (token !== undefined) return token;
    this.#latest = this.#lexer.next();
    return this.#latest;
  }

  /** Puts a token back; the one read last first. */
  back(token: Token): void {
    this.#pushedBack.push(token);
  }

  peek(): Token {
    const known = this.#pushedBack.at(-1);
    if (known !== undefined) return known;
    this.#latest = this.#lexer.next();
    this.#pushedBack.push(this.#latest);
    return this.#latest;
  }

  nextNonSpace(): Token {
    for (;;) {
      const token = this.next();
      if (token.kind !== 'space') return token;
    }
  }

  peekNonSpace(): Token {
    while (this.peek().kind === 'space') this.next();
    return this.peek();
  }

  expect(context: string, ...kinds: TokenKind[]): Token {
    const token = this.nextNonSpace();
    return kinds.includes(token.kind) ? token : this.unexpected(token, context);
  }

  unexpected(token: Token, context: string): never {
    if (token.kind !== 'error') this.fail(`unexpected ${describeToken(token)} in ${context}`);
    const elsewhere = this.actionLine !== 0 && this.actionLine !== token.line;
    const noun = token.value.endsWith(' action') ? '' : ' in action';
    this.fail(`${token.value}${elsewhere ? `${noun} started at ${this.#name}:${this.actionLine}` : ''}`);
  }

  /** The token read last, pushed back or not. */
  get latest(): Token {
    return this.#latest;
  }

  /** Refuses the template, at the token read last unless another is given. */
  fail(reason: ByteString, { pos, line }: Token = this.#latest): never {
    const column = pos - this.#source.lastIndexOf('\n', pos - 1);
    const message = textOf(`template: ${this.#name}:${line}: ${reason}`);
    throw new TemplateError(message, { file: textOf(this.#name), line, column }, textOf(reason));
  }
}
