import { isDigit, isLetter } from './utf8.ts';

// What text/template's lexer tells apart; runes and characters are code points.

export function isSpace(rune: number): boolean {
  return rune === 0x20 || rune === 0x09 || rune === 0x0d || rune === 0x0a;
}

export function isDecimal(char: number): boolean {
  return char >= 0x30 && char <= 0x39;
}

export function isNumberStart(char: string): boolean {
  return char === '+' || char === '-' || isDecimal(char.charCodeAt(0));
}

export function isAlphaNumeric(rune: number): boolean {
  if (rune < 0x80)
    return (rune >= 0x61 && rune <= 0x7a) || (rune >= 0x41 && rune <= 0x5a) || isDecimal(rune) || rune === 0x5f;
  return isLetter(rune) || isDigit(rune);
}
