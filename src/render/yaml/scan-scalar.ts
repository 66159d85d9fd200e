import { type Cursor, isBlank, isBlankOrEnd, isBreak } from './cursor.ts';

/** Text of a plain scalar, and whether it ended at a line break: then a key may follow. */
export interface PlainScalar {
  value: string;
  endedAtBreak: boolean;
}

/** `indent` is the column of the enclosing collection, -1 outside of any. */
export function scanPlain(cursor: Cursor, indent: number, inFlow: boolean): PlainScalar {
  const { text } = cursor;
  let value = '';
  let end = cursor.offset;
  let gap = '';
  let endedAtBreak = false;
  for (;;) {
    if (cursor.atDocumentIndicator() || cursor.code === 0x23) break;
    const wordStart = cursor.offset;
    skipPlainWord(cursor, inFlow);
    if (cursor.offset > wordStart) {
      value =
        value === '' && gap === ''
          ? text.slice(wordStart, cursor.offset)
          : value + gap + text.slice(wordStart, cursor.offset);
      end = cursor.offset;
      endedAtBreak = false;
    }
    if (!isBlank(cursor.code) && !isBreak(cursor.code)) break;
    const blanks = scanPlainGap(cursor, indent + 1);
    if (cursor.offset > end) gap = blanks.gap;
    endedAtBreak = blanks.broke;
    if (!inFlow && cursor.column < indent + 1) break;
  }
  return { value, endedAtBreak };
}

function skipPlainWord(cursor: Cursor, inFlow: boolean): void {
  const { text } = cursor;
  let at = cursor.offset;
  for (;;) {
    const code = text.charCodeAt(at);
    if (isBlankOrEnd(code)) break;
    if (code === 0x3a && isBlankOrEnd(text.charCodeAt(at + 1))) break;
    if (inFlow && isFlowEnd(code)) break;
    at++;
  }
  cursor.offset = at;
}

/** `,` `?` `[` `]` `{` `}` */
function isFlowEnd(code: number): boolean {
  return code === 0x2c || code === 0x3f || code === 0x5b || code === 0x5d || code === 0x7b || code === 0x7d;
}

function scanPlainGap(cursor: Cursor, indent: number): { gap: string; broke: boolean } {
  const from = cursor.offset;
  cursor.skipBlanks();
  if (!isBreak(cursor.code)) return { gap: cursor.text.slice(from, cursor.offset), broke: false };
  const first = cursor.takeBreak();
  let further = '';
  while (isBlank(cursor.code) || isBreak(cursor.code)) {
    if (isBreak(cursor.code)) {
      further += cursor.takeBreak();
      continue;
    }
    if (cursor.code === 0x09 && cursor.column < indent) {
      throw cursor.fault('found a tab character that violates indentation');
    }
    cursor.offset++;
  }
  return { gap: fold(first, further), broke: true };
}

/** One line break between lines of text is a space; further ones stay. */
function fold(first: string, further: string): string {
  if (first !== '\n') return first + further;
  return further === '' ? ' ' : further;
}

/** `|` and `>`; the cursor stands on the indicator. */
export function scanBlock(cursor: Cursor, parentIndent: number): string {
  const literal = cursor.code === 0x7c;
  cursor.offset++;
  const { chomping, increment } = scanBlockHeader(cursor);
  const state = { indent: increment === 0 ? 0 : Math.max(parentIndent, 0) + increment };
  let value = '';
  let lead = '';
  let breaks = scanBlockBreaks(cursor, state, parentIndent);
  let afterBlank = false;
  while (cursor.column === state.indent && !cursor.atEnd) {
    const blank = isBlank(cursor.code);
    const folds = !literal && !afterBlank && !blank && lead === '\n';
    value += folds ? (breaks === '' ? ' ' : breaks) : lead + breaks;
    afterBlank = blank;
    const lineStart = cursor.offset;
    while (!cursor.atEnd && !isBreak(cursor.code)) cursor.offset++;
    value += cursor.text.slice(lineStart, cursor.offset);
    lead = cursor.atEnd ? '' : cursor.takeBreak();
    breaks = scanBlockBreaks(cursor, state, parentIndent);
  }
  if (chomping !== '-') value += lead;
  return chomping === '+' ? value + breaks : value;
}

function scanBlockHeader(cursor: Cursor): { chomping: string; increment: number } {
  let chomping = '';
  let increment = 0;
  const takeChomping = () => {
    if (cursor.code !== 0x2b && cursor.code !== 0x2d) return;
    chomping = String.fromCharCode(cursor.code);
    cursor.offset++;
  };
  takeChomping();
  if (cursor.code >= 0x30 && cursor.code <= 0x39) {
    if (cursor.code === 0x30) throw cursor.fault('found an indentation indicator equal to 0');
    increment = cursor.code - 0x30;
    cursor.offset++;
    if (chomping === '') takeChomping();
  }
  cursor.skipBlanks();
  cursor.skipComment();
  if (!cursor.atEnd && !isBreak(cursor.code)) throw cursor.fault('did not find expected comment or line break');
  if (isBreak(cursor.code)) cursor.takeBreak();
  return { chomping, increment };
}

function scanBlockBreaks(cursor: Cursor, state: { indent: number }, parentIndent: number): string {
  let breaks = '';
  let widest = 0;
  for (;;) {
    while ((state.indent === 0 || cursor.column < state.indent) && cursor.code === 0x20) cursor.offset++;
    widest = Math.max(widest, cursor.column);
    if ((state.indent === 0 || cursor.column < state.indent) && cursor.code === 0x09) {
      throw cursor.fault('found a tab character where an indentation space is expected');
    }
    if (!isBreak(cursor.code)) break;
    breaks += cursor.takeBreak();
  }
  if (state.indent === 0) state.indent = Math.max(widest, parentIndent + 1, 1);
  return breaks;
}

/** A scalar in quotes; the cursor stands on the first one. */
export function scanQuoted(cursor: Cursor): string {
  const quote = cursor.code;
  cursor.offset++;
  let value = '';
  for (;;) {
    if (cursor.atDocumentIndicator()) throw cursor.fault('found unexpected document indicator');
    if (cursor.atEnd) throw cursor.fault('found unexpected end of stream');
    const word = scanQuotedWord(cursor, quote);
    value += word.value;
    if (cursor.code === quote) break;
    value += scanQuotedGap(cursor, word.endedAtEscapedBreak);
  }
  cursor.offset++;
  return value;
}

function scanQuotedWord(cursor: Cursor, quote: number): { value: string; endedAtEscapedBreak: boolean } {
  let value = '';
  let from = cursor.offset;
  while (!isBlankOrEnd(cursor.code)) {
    if (cursor.code === quote) {
      if (quote !== 0x27 || cursor.codeAt(1) !== 0x27) break;
      value += cursor.text.slice(from, cursor.offset + 1);
      cursor.offset += 2;
      from = cursor.offset;
    } else if (quote === 0x22 && cursor.code === 0x5c) {
      value += cursor.text.slice(from, cursor.offset);
      if (isBreak(cursor.codeAt(1))) {
        cursor.offset++;
        cursor.takeBreak();
        return { value, endedAtEscapedBreak: true };
      }
      value += scanEscape(cursor);
      from = cursor.offset;
    } else {
      cursor.offset++;
    }
  }
  return { value: value + cursor.text.slice(from, cursor.offset), endedAtEscapedBreak: false };
}

function scanQuotedGap(cursor: Cursor, afterEscapedBreak: boolean): string {
  const from = cursor.offset;
  cursor.skipBlanks();
  if (!afterEscapedBreak && !isBreak(cursor.code)) return cursor.text.slice(from, cursor.offset);
  const first = afterEscapedBreak ? '' : cursor.takeBreak();
  let further = '';
  while (isBlank(cursor.code) || isBreak(cursor.code)) {
    if (isBreak(cursor.code)) further += cursor.takeBreak();
    else cursor.offset++;
  }
  return fold(first, further);
}

const escapes: Record<string, string> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};
const codeLengths: Record<string, number> = { x: 2, u: 4, U: 8 };

function scanEscape(cursor: Cursor): string {
  const name = cursor.text.charAt(cursor.offset + 1);
  const simple = escapes[name];
  const length = codeLengths[name];
  if (simple === undefined && length === undefined) throw cursor.fault('found unknown escape character');
  cursor.offset += 2;
  if (simple !== undefined) return simple;
  const digits = cursor.text.slice(cursor.offset, cursor.offset + (length ?? 0));
  if (digits.length !== length || !/^[0-9a-fA-F]+$/.test(digits)) {
    throw cursor.fault('did not find expected hexdecimal number');
  }
  const code = Number.parseInt(digits, 16);
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
    throw cursor.fault('found invalid Unicode character escape code');
  }
  cursor.offset += digits.length;
  return String.fromCodePoint(code);
}
