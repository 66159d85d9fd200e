import type { ByteString } from './byte-string.ts';
import { quote } from './quote.ts';
import { decodeRune } from './utf8.ts';

export type Keyword =
  | '.'
  | 'block'
  | 'break'
  | 'continue'
  | 'define'
  | 'else'
  | 'end'
  | 'if'
  | 'nil'
  | 'range'
  | 'template'
  | 'with';

export type TokenKind =
  | Keyword
  | 'error'
  | 'bool'
  | 'char'
  | 'charConstant'
  | 'complex'
  | 'assign'
  | 'declare'
  | 'eof'
  | 'field'
  | 'identifier'
  | 'leftDelim'
  | 'leftParen'
  | 'number'
  | 'pipe'
  | 'rawString'
  | 'rightDelim'
  | 'rightParen'
  | 'space'
  | 'string'
  | 'text'
  | 'variable';

export interface Token {
  readonly kind: TokenKind;
  /** Byte offset in the source. */
  readonly pos: number;
  readonly line: number;
  /** As it stands in the source; the message of an error. */
  readonly value: ByteString;
}

const keywords: ReadonlySet<string> = new Set<Keyword>([
  '.',
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'nil',
  'range',
  'template',
  'with',
]);

export function isKeyword(word: string): word is Keyword {
  return keywords.has(word);
}

/** How Go's messages show a token. */
export function describeToken(token: Token): ByteString {
  if (token.kind === 'eof') return 'EOF';
  if (token.kind === 'error') return token.value;
  if (isKeyword(token.kind)) return `<${token.value}>`;
  if (token.value.length > 10) return `${quote(firstRunes(token.value, 10))}...`;
  return quote(token.value);
}

function firstRunes(s: ByteString, count: number): ByteString {
  let end = 0;
  for (let i = 0; i < count && end < s.length; i++) end += decodeRune(s, end).size;
  return s.slice(0, end);
}
