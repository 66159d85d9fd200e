import type { Directive, ScannedTag } from './scan-tag.ts';

export type TokenKind =
  | 'stream-end'
  | 'directive'
  | 'document-start'
  | 'document-end'
  | 'block-sequence-start'
  | 'block-mapping-start'
  | 'block-end'
  | 'flow-sequence-start'
  | 'flow-sequence-end'
  | 'flow-mapping-start'
  | 'flow-mapping-end'
  | 'block-entry'
  | 'flow-entry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'plain'
  | 'quoted';

export interface Token {
  kind: TokenKind;
  offset: number;
  /** From 0. */
  line: number;
  /** Of a scalar, an anchor or an alias. */
  value: string;
  tag?: ScannedTag;
  directive?: Directive;
}

/** Tokens scanned but not yet taken. They are numbered in the order in which they are taken. */
export class TokenQueue {
  #tokens: Token[] = [];
  #head = 0;
  /** Number of the next token to be taken. */
  taken = 0;

  get isEmpty(): boolean {
    return this.#head === this.#tokens.length;
  }

  /** The number that the next token added at the end will have. */
  get nextNumber(): number {
    return this.taken + this.#tokens.length - this.#head;
  }

  get first(): Token | undefined {
    return this.#tokens[this.#head];
  }

  add(token: Token): void {
    this.#tokens.push(token);
  }

  /** Puts a token before the one of this number; at the end when that one was taken already, as libyaml does. */
  insert(token: Token, number: number): void {
    if (number < this.taken) this.#tokens.push(token);
    else this.#tokens.splice(this.#head + number - this.taken, 0, token);
  }

  take(): void {
    this.#head++;
    this.taken++;
    if (this.#head > 256) {
      this.#tokens = this.#tokens.slice(this.#head);
      this.#head = 0;
    }
  }
}
