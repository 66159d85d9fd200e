import { Cursor, isBlankOrEnd, isBreak } from './cursor.ts';
import { scanBlock, scanPlain, scanQuoted } from './scan-scalar.ts';
import { scanAnchor, scanDirective, scanTag } from './scan-tag.ts';
import { SimpleKeys } from './simple-keys.ts';
import { type Token, type TokenKind, TokenQueue } from './token.ts';

type FirstKind = TokenKind | 'block-scalar' | 'nothing';

/** What a token is by its first character; all others begin a plain scalar. */
const kindByFirst: Record<string, FirstKind> = {
  '[': 'flow-sequence-start',
  '{': 'flow-mapping-start',
  ']': 'flow-sequence-end',
  '}': 'flow-mapping-end',
  ',': 'flow-entry',
  '-': 'block-entry',
  '?': 'key',
  ':': 'value',
  '*': 'alias',
  '&': 'anchor',
  '!': 'tag',
  '|': 'block-scalar',
  '>': 'block-scalar',
  "'": 'quoted',
  '"': 'quoted',
  '\t': 'nothing',
  '#': 'nothing',
  '%': 'nothing',
  '@': 'nothing',
  '`': 'nothing',
};

/** More nesting than any manifest has; Go's package allows 10,000. */
const maxDepth = 1000;

/**
 * Cuts a text into tokens as libyaml, and so Go's yaml.v2, does: it has YAML 1.1's rules and their corner cases, among them
 * what it accepts and how it words what it refuses.
 */
export class YamlScanner {
  readonly #cursor: Cursor;
  readonly #tokens = new TokenQueue();
  readonly #keys: SimpleKeys;
  #ready = false;
  #indent = -1;
  readonly #indents: number[] = [];
  #flowLevel = 0;
  #keyAllowed = true;

  constructor(text: string) {
    this.#cursor = new Cursor(text);
    this.#keys = new SimpleKeys(this.#cursor, this.#tokens);
    if (text.charCodeAt(0) === 0xfeff) this.#cursor.lineStart = ++this.#cursor.offset;
  }

  /** The next token, which stays next until it is taken. */
  peek(): Token {
    if (!this.#ready) {
      while (this.#tokens.isEmpty || this.#keys.mayBeginAtFirst()) this.#fetch();
      this.#ready = true;
    }
    const token = this.#tokens.first;
    if (token === undefined) throw new Error('the scanner was asked for more than the text has');
    return token;
  }

  take(): Token {
    const token = this.peek();
    this.#ready = false;
    this.#tokens.take();
    return token;
  }

  #fetch(): void {
    const cursor = this.#cursor;
    this.#skipToToken();
    this.#unroll(cursor.column);
    if (cursor.atEnd) this.#fetchEnd();
    else if (cursor.column === 0 && cursor.code === 0x25) this.#fetchDirective();
    else if (cursor.atDocumentIndicator()) this.#fetchDocumentIndicator(cursor.code);
    else this.#fetchByKind(this.#kindHere());
  }

  #kindHere(): FirstKind {
    const kind = kindByFirst[this.#cursor.text.charAt(this.#cursor.offset)] ?? 'plain';
    const inBlock = this.#flowLevel === 0;
    switch (kind) {
      case 'block-entry':
        return isBlankOrEnd(this.#cursor.codeAt(1)) ? kind : 'plain';
      case 'key':
      case 'value':
        return !inBlock || isBlankOrEnd(this.#cursor.codeAt(1)) ? kind : 'plain';
      case 'block-scalar':
        return inBlock ? kind : 'nothing';
      default:
        return kind;
    }
  }

  #fetchByKind(kind: FirstKind): void {
    switch (kind) {
      case 'flow-sequence-start':
      case 'flow-mapping-start':
        this.#fetchFlowStart(kind);
        break;
      case 'flow-sequence-end':
      case 'flow-mapping-end':
        this.#fetchFlowEnd(kind);
        break;
      case 'flow-entry':
        this.#keys.remove();
        this.#keyAllowed = true;
        this.#addIndicator(kind);
        break;
      case 'block-entry':
        this.#fetchBlockEntry();
        break;
      case 'key':
        this.#fetchKey();
        break;
      case 'value':
        this.#fetchValue();
        break;
      case 'nothing':
        throw this.#cursor.fault('found character that cannot start any token');
      default:
        this.#fetchContent(kind);
    }
  }

  #skipToToken(): void {
    const cursor = this.#cursor;
    for (;;) {
      while (cursor.code === 0x20 || (cursor.code === 0x09 && (this.#flowLevel > 0 || !this.#keyAllowed)))
        cursor.offset++;
      cursor.skipComment();
      if (!isBreak(cursor.code)) return;
      cursor.takeBreak();
      if (this.#flowLevel === 0) this.#keyAllowed = true;
    }
  }

  #add(kind: TokenKind): void {
    const { offset, line } = this.#cursor;
    this.#tokens.add({ kind, offset, line, value: '' });
  }

  #addIndicator(kind: TokenKind, length = 1): void {
    this.#add(kind);
    this.#cursor.offset += length;
  }

  /** A collection begins at `at`, when it is deeper than those around it; its token goes before that of this number. */
  #roll(
    kind: 'block-sequence-start' | 'block-mapping-start',
    at: { offset: number; line: number; column: number },
    number = this.#tokens.nextNumber,
  ): void {
    if (this.#flowLevel > 0 || this.#indent >= at.column) return;
    this.#indents.push(this.#indent);
    this.#indent = at.column;
    this.#checkDepth(this.#indents.length);
    this.#tokens.insert({ kind, offset: at.offset, line: at.line, value: '' }, number);
  }

  #unroll(column: number): void {
    if (this.#flowLevel > 0) return;
    while (this.#indent > column) {
      this.#add('block-end');
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  #checkDepth(depth: number): void {
    if (depth > maxDepth) throw this.#cursor.fault(`exceeded max depth of ${maxDepth}`);
  }

  #fetchEnd(): void {
    const cursor = this.#cursor;
    if (cursor.column !== 0) {
      cursor.lineStart = cursor.offset;
      cursor.line++;
    }
    this.#resetBlock();
    this.#add('stream-end');
  }

  #resetBlock(): void {
    this.#unroll(-1);
    this.#keys.remove();
    this.#keyAllowed = false;
  }

  #fetchDirective(): void {
    this.#resetBlock();
    const { offset, line } = this.#cursor;
    this.#tokens.add({ kind: 'directive', offset, line, value: '', directive: scanDirective(this.#cursor) });
  }

  #fetchDocumentIndicator(code: number): void {
    this.#resetBlock();
    this.#addIndicator(code === 0x2d ? 'document-start' : 'document-end', 3);
  }

  #fetchFlowStart(kind: 'flow-sequence-start' | 'flow-mapping-start'): void {
    this.#saveKey();
    this.#keys.openLevel();
    this.#checkDepth(++this.#flowLevel);
    this.#keyAllowed = true;
    this.#addIndicator(kind);
  }

  #fetchFlowEnd(kind: 'flow-sequence-end' | 'flow-mapping-end'): void {
    this.#keys.remove();
    if (this.#flowLevel > 0) {
      this.#flowLevel--;
      this.#keys.closeLevel();
    }
    this.#keyAllowed = false;
    this.#addIndicator(kind);
  }

  #fetchBlockEntry(): void {
    if (this.#flowLevel === 0) {
      if (!this.#keyAllowed) throw this.#cursor.fault('block sequence entries are not allowed in this context');
      this.#roll('block-sequence-start', this.#cursor);
    }
    this.#keys.remove();
    this.#keyAllowed = true;
    this.#addIndicator('block-entry');
  }

  #fetchKey(): void {
    if (this.#flowLevel === 0) {
      if (!this.#keyAllowed) throw this.#cursor.fault('mapping keys are not allowed in this context');
      this.#roll('block-mapping-start', this.#cursor);
    }
    this.#keys.remove();
    this.#keyAllowed = this.#flowLevel === 0;
    this.#addIndicator('key');
  }

  #fetchValue(): void {
    const key = this.#keys.takeValid();
    if (key !== undefined) {
      this.#tokens.insert({ kind: 'key', offset: key.offset, line: key.line, value: '' }, key.tokenNumber);
      this.#roll('block-mapping-start', key, key.tokenNumber);
      this.#keyAllowed = false;
    } else {
      if (this.#flowLevel === 0) {
        if (!this.#keyAllowed) throw this.#cursor.fault('mapping values are not allowed in this context');
        this.#roll('block-mapping-start', this.#cursor);
      }
      this.#keyAllowed = this.#flowLevel === 0;
    }
    this.#addIndicator('value');
  }

  /** A key may begin here if one is allowed here, and must if it stands where those of its map do. */
  #saveKey(): void {
    if (this.#keyAllowed) this.#keys.save(this.#flowLevel === 0 && this.#indent === this.#cursor.column);
  }

  #fetchContent(kind: FirstKind): void {
    const cursor = this.#cursor;
    const { offset, line } = cursor;
    if (kind === 'block-scalar') this.#keys.remove();
    else this.#saveKey();
    this.#keyAllowed = kind === 'block-scalar';
    switch (kind) {
      case 'alias':
      case 'anchor':
        this.#tokens.add({ kind, offset, line, value: scanAnchor(cursor) });
        break;
      case 'tag':
        this.#tokens.add({ kind, offset, line, value: '', tag: scanTag(cursor) });
        break;
      case 'block-scalar':
        this.#tokens.add({ kind: 'quoted', offset, line, value: scanBlock(cursor, this.#indent) });
        break;
      case 'quoted':
        this.#tokens.add({ kind, offset, line, value: scanQuoted(cursor) });
        break;
      default: {
        const { value, endedAtBreak } = scanPlain(cursor, this.#indent, this.#flowLevel > 0);
        this.#tokens.add({ kind: 'plain', offset, line, value });
        if (endedAtBreak) this.#keyAllowed = true;
      }
    }
  }
}
