import type { ByteString } from './byte-string.ts';
import { isAlphaNumeric, isDecimal, isNumberStart, isSpace } from './character-class.ts';
import { quote, unicodeName } from './quote.ts';
import { isKeyword, type Token, type TokenKind } from './token.ts';
import { decodeRune, isPrint } from './utf8.ts';

const spaces = ' \t\r\n';
const END = -1;
const asciiWord = /[A-Za-z0-9_]*/y;
const terminators: ReadonlySet<number> = new Set([...' \t\r\n.,|:)('].map((char) => char.charCodeAt(0)));
const singles = new Map<string, TokenKind>([
  ['=', 'assign'],
  ['|', 'pipe'],
]);

/** Cuts a template's source into tokens: text, and what stands between `{{` and `}}`. */
export class Lexer {
  readonly #source: ByteString;
  #pos = 0;
  #start = 0;
  #startLine = 1;
  #newline: number;
  #insideAction = false;
  #parenDepth = 0;

  constructor(source: ByteString) {
    this.#source = source;
    this.#newline = source.indexOf('\n');
  }

  /** The next token; after an error token nothing sensible follows. */
  next(): Token {
    return this.#insideAction ? this.#actionToken() : this.#textToken();
  }

  #textToken(): Token {
    for (;;) {
      const found = this.#source.indexOf('{{', this.#pos);
      const end = found < 0 ? this.#source.length : found;
      const trims = found >= 0 && this.#isTrimMarker(found + 2);
      const text = trims ? trimmedEnd(this.#source, this.#pos, end) : end;
      this.#pos = text;
      const token = this.#token('text');
      this.#skipTo(end);
      if (token.value !== '') return token;
      if (found < 0) return this.#token('eof');
      const delimiter = this.#leftDelimiter();
      if (delimiter !== undefined) return delimiter;
    }
  }

  /** Undefined after a comment. */
  #leftDelimiter(): Token | undefined {
    const afterMarker = this.#pos + (this.#isTrimMarker(this.#pos + 2) ? 4 : 2);
    if (this.#source.startsWith('/*', afterMarker)) {
      this.#skipTo(afterMarker);
      return this.#comment();
    }
    this.#pos += 2;
    const token = this.#token('leftDelim');
    this.#skipTo(afterMarker);
    this.#insideAction = true;
    this.#parenDepth = 0;
    return token;
  }

  #comment(): Token | undefined {
    const end = this.#source.indexOf('*/', this.#pos + 2);
    if (end < 0) return this.#error('unclosed comment');
    this.#pos = end + 2;
    const delimiter = this.#rightDelimiterAt(this.#pos);
    if (delimiter === undefined) return this.#error('comment ends before closing delimiter');
    this.#skipTo(delimiter.next);
    return undefined;
  }

  /** `next`: where the text after the delimiter begins. */
  #rightDelimiterAt(pos: number): { readonly delimiter: number; readonly next: number } | undefined {
    const source = this.#source;
    if (isSpace(source.charCodeAt(pos)) && source.startsWith('-}}', pos + 1)) {
      let next = pos + 4;
      while (isSpace(source.charCodeAt(next))) next++;
      return { delimiter: pos + 2, next };
    }
    return source.startsWith('}}', pos) ? { delimiter: pos, next: pos + 2 } : undefined;
  }

  #rightDelimiter(delimiter: number, next: number): Token {
    this.#skipTo(delimiter);
    this.#pos = delimiter + 2;
    const token = this.#token('rightDelim');
    this.#skipTo(next);
    this.#insideAction = false;
    return token;
  }

  #actionToken(): Token {
    const delimiter = this.#rightDelimiterAt(this.#pos);
    if (delimiter !== undefined) {
      if (this.#parenDepth > 0) return this.#error('unclosed left paren');
      return this.#rightDelimiter(delimiter.delimiter, delimiter.next);
    }
    const rune = this.#peek();
    if (rune === END) return this.#error('unclosed action');
    if (isSpace(rune)) return this.#space();
    const char = String.fromCodePoint(rune);
    if (isNumberStart(char) || (char === '.' && isDecimal(this.#source.charCodeAt(this.#pos + 1))))
      return this.#number();
    if (isAlphaNumeric(rune)) return this.#identifier();
    this.#advance();
    return this.#punctuation(char, rune);
  }

  #punctuation(char: string, rune: number): Token {
    const single = singles.get(char);
    if (single !== undefined) return this.#token(single);
    switch (char) {
      case ':':
        if (this.#advance() !== 0x3d) return this.#error('expected :=');
        return this.#token('declare');
      case '"':
        return this.#quoted('"', 'string', 'unterminated quoted string');
      case "'":
        return this.#quoted("'", 'charConstant', 'unterminated character constant');
      case '`':
        return this.#rawString();
      case '$':
        return this.#name('variable', 'variable');
      case '.':
        // A dot at the very end starts a number to Go, which then isn't one.
        if (this.#pos >= this.#source.length) return this.#token('number');
        return this.#name('field', '.');
      case '(':
        this.#parenDepth++;
        return this.#token('leftParen');
      case ')':
        return --this.#parenDepth < 0 ? this.#error('unexpected right paren') : this.#token('rightParen');
      default:
        if (rune < 0x80 && isPrint(rune)) return this.#token('char');
        return this.#error(`unrecognized character in action: ${unicodeName(rune)}`);
    }
  }

  #space(): Token {
    while (isSpace(this.#peek())) this.#pos++;
    // The last space may belong to a trimming delimiter, ` -}}`.
    if (this.#rightDelimiterAt(this.#pos - 1) !== undefined) this.#pos--;
    return this.#token('space');
  }

  #identifier(): Token {
    this.#skipWord();
    if (!this.#atTerminator()) return this.#error(`bad character ${this.#badCharacter()}`);
    const word = this.#source.slice(this.#start, this.#pos);
    if (isKeyword(word)) return this.#token(word);
    return this.#token(word === 'true' || word === 'false' ? 'bool' : 'identifier');
  }

  /** A field or variable, whose first character has been read; `alone` is what that means without a name. */
  #name(kind: TokenKind, alone: TokenKind): Token {
    if (this.#atTerminator()) return this.#token(alone);
    this.#skipWord();
    if (!this.#atTerminator()) return this.#error(`bad character ${this.#badCharacter()}`);
    return this.#token(kind);
  }

  #skipWord(): void {
    asciiWord.lastIndex = this.#pos;
    asciiWord.test(this.#source);
    this.#pos = asciiWord.lastIndex;
    while (isAlphaNumeric(this.#peek())) this.#advance();
  }

  #atTerminator(): boolean {
    const rune = this.#peek();
    return rune === END || terminators.has(rune) || this.#source.startsWith('}}', this.#pos);
  }

  #badCharacter(): ByteString {
    return unicodeName(this.#peek());
  }

  #quoted(delimiter: string, kind: TokenKind, unterminated: string): Token {
    for (;;) {
      const rune = this.#advance();
      const last = rune === 0x5c ? this.#advance() : rune;
      if (last === END || last === 0x0a) return this.#error(unterminated);
      if (rune === delimiter.charCodeAt(0)) return this.#token(kind);
    }
  }

  #rawString(): Token {
    const end = this.#source.indexOf('`', this.#pos);
    if (end < 0) return this.#error('unterminated raw quoted string');
    this.#pos = end + 1;
    return this.#token('rawString');
  }

  #number(): Token {
    if (!this.#scanNumber()) return this.#badNumber();
    const sign = this.#source[this.#pos];
    if (sign !== '+' && sign !== '-') return this.#token('number');
    if (!this.#scanNumber() || this.#source[this.#pos - 1] !== 'i') return this.#badNumber();
    return this.#token('complex');
  }

  #badNumber(): Token {
    return this.#error(`bad number syntax: ${quote(this.#source.slice(this.#start, this.#pos))}`);
  }

  /** As loose as Go's: what is wrong here is found when the number is read. False if a letter follows. */
  #scanNumber(): boolean {
    this.#accept(/[+-]/y);
    const radix = this.#accept(/0[xX]/y)
      ? '[0-9a-fA-F_]'
      : this.#accept(/0[oO]/y)
        ? '[0-7_]'
        : this.#accept(/0[bB]/y)
          ? '[01_]'
          : '[0-9_]';
    this.#accept(new RegExp(`${radix}*(\\.${radix}*)?`, 'y'));
    if (radix === '[0-9_]') this.#accept(/[eE][+-]?[0-9_]*/y);
    if (radix === '[0-9a-fA-F_]') this.#accept(/[pP][+-]?[0-9_]*/y);
    this.#accept(/i/y);
    if (!isAlphaNumeric(this.#peek())) return true;
    this.#advance();
    return false;
  }

  #accept(pattern: RegExp): boolean {
    pattern.lastIndex = this.#pos;
    if (!pattern.test(this.#source)) return false;
    this.#pos = pattern.lastIndex;
    return true;
  }

  #isTrimMarker(pos: number): boolean {
    return this.#source[pos] === '-' && isSpace(this.#source.charCodeAt(pos + 1));
  }

  #peek(): number {
    if (this.#pos >= this.#source.length) return END;
    const first = this.#source.charCodeAt(this.#pos);
    return first < 0x80 ? first : decodeRune(this.#source, this.#pos).rune;
  }

  /** Reads a rune; at the end nothing. */
  #advance(): number {
    if (this.#pos >= this.#source.length) {
      this.#pos = this.#source.length;
      return END;
    }
    const { rune, size } = decodeRune(this.#source, this.#pos);
    this.#pos += size;
    return rune;
  }

  #token(kind: TokenKind): Token {
    const value = this.#source.slice(this.#start, this.#pos);
    const token = { kind, pos: this.#start, line: this.#startLine, value };
    this.#skipTo(this.#pos);
    return token;
  }

  #error(message: ByteString): Token {
    this.#insideAction = true;
    return { kind: 'error', pos: this.#start, line: this.#startLine, value: message };
  }

  #skipTo(pos: number): void {
    while (this.#newline >= 0 && this.#newline < pos) {
      this.#startLine++;
      this.#newline = this.#source.indexOf('\n', this.#newline + 1);
    }
    this.#pos = pos;
    this.#start = pos;
  }
}

function trimmedEnd(s: ByteString, start: number, end: number): number {
  let trimmed = end;
  while (trimmed > start && spaces.includes(s.charAt(trimmed - 1))) trimmed--;
  return trimmed;
}
