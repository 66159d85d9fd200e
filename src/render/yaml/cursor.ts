import { YamlError } from './error.ts';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;

/** Whether a character breaks a line, by YAML 1.1. */
export function isBreak(code: number): boolean {
  return code === LF || code === CR || code === 0x85 || code === 0x2028 || code === 0x2029;
}

export function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** Blank, line break, or end of the text (NaN). */
export function isBlankOrEnd(code: number): boolean {
  if (code > SPACE && code < 0x7f) return false;
  return isBlank(code) || isBreak(code) || Number.isNaN(code);
}

export function isWordCharacter(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x5f ||
    code === 0x2d
  );
}

/** Where a scanner is in a text. */
export class Cursor {
  readonly text: string;
  offset = 0;
  line = 0;
  lineStart = 0;

  constructor(text: string) {
    this.text = text;
  }

  get column(): number {
    return this.offset - this.lineStart;
  }

  /** NaN behind the end. */
  get code(): number {
    return this.text.charCodeAt(this.offset);
  }

  codeAt(distance: number): number {
    return this.text.charCodeAt(this.offset + distance);
  }

  get atEnd(): boolean {
    return this.offset >= this.text.length;
  }

  /** Takes a line break; answers what it stands for in a scalar. */
  takeBreak(): string {
    const code = this.code;
    this.offset += code === CR && this.codeAt(1) === LF ? 2 : 1;
    this.line++;
    this.lineStart = this.offset;
    return code === 0x2028 || code === 0x2029 ? String.fromCharCode(code) : '\n';
  }

  skipBlanks(): void {
    while (isBlank(this.code)) this.offset++;
  }

  /** To the end of the line. */
  skipComment(): void {
    if (this.code !== 0x23) return;
    while (!this.atEnd && !isBreak(this.code)) this.offset++;
  }

  /** Whether `---` or `...` begins here, at the beginning of a line. */
  atDocumentIndicator(): boolean {
    if (this.offset !== this.lineStart) return false;
    const code = this.code;
    if (code !== 0x2d && code !== 0x2e) return false;
    return this.codeAt(1) === code && this.codeAt(2) === code && isBlankOrEnd(this.codeAt(3));
  }

  /** The fault of a scan here; Go's package names no line in the first one. */
  fault(problem: string): YamlError {
    const shown = this.line > 0 ? this.line + 1 : 0;
    return new YamlError(`yaml: ${lineOf(shown)}${problem}`, { line: this.line + 1, column: this.column + 1 });
  }
}

export function lineOf(line: number): string {
  return line > 0 ? `line ${line}: ` : '';
}
