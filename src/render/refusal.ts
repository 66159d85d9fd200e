import { messageOf } from '../domain/errors.ts';
import { hintFor } from './refusal-hint.ts';
import { type ByteString, bytesOf, textOf } from './template/byte-string.ts';
import { TemplateError } from './template/template-error.ts';
import { unclosedPlace } from './unclosed-place.ts';
import { YamlError } from './yaml/error.ts';

/** Why a file can't be rendered, with the place and what would be right. */
export interface Refusal {
  /** The file in the repository, e.g. `cluster/manifests/dns/deployment.yaml`. */
  file: string;
  /** Where its output would stand, e.g. `manifests/dns/deployment.yaml`. */
  output: string;
  /** From 1; 0 when the file as a whole is meant. */
  line: number;
  /** From 1; 0 when the line as a whole is meant. */
  column: number;
  /** As the engine words it. */
  message: string;
  /** The line with a caret below, `` when there is none. */
  excerpt: string;
  /** What would be right, `` when nothing is known. */
  hint: string;
  /** The template, by the engine; its output, by who reads it; or the file as a whole. */
  refused: 'template' | 'output' | 'file';
}

export interface RefusedFile {
  file: string;
  output: string;
  /** The template's text. */
  source: ByteString;
  /** What it rendered to, if it did. */
  rendered?: ByteString;
}

/** The refusal of a file by whatever was thrown; defects of ours are thrown on. */
export function refusalOf(refused: RefusedFile, error: unknown): Refusal {
  const { file, output } = refused;
  const message = messageOf(error);
  if (error instanceof TemplateError) {
    const unclosed = unclosedPlace(refused.source, message);
    const { line, column } = unclosed ?? error.place;
    return {
      file,
      output,
      line,
      column,
      message,
      excerpt: excerptOf(refused.source, line, column),
      hint: unclosed?.hint ?? hintFor(message),
      refused: 'template',
    };
  }
  if (error instanceof YamlError) {
    const { line = 0, column = 1 } = error;
    const excerpt = excerptOf(refused.rendered ?? refused.source, line, column);
    const where = excerpt === '' || isAsWritten(refused, line) ? '' : ' (the line is of the rendered text)';
    const hint = `${error.hint ?? hintFor(message)}${where}`.trim();
    return { file, output, line, column, message, excerpt, hint, refused: 'output' };
  }
  throw error;
}

/** Whether the lines up to this one came out as they stand in the template. */
function isAsWritten({ source, rendered = source }: RefusedFile, line: number): boolean {
  let end = 0;
  for (let current = 0; current < line; current++) end = rendered.indexOf('\n', end) + 1 || rendered.length;
  return source.slice(0, end) === rendered.slice(0, end);
}

/** The refusal of a file as a whole. */
export function refusalOfFile(file: string, output: string, message: string, hint = ''): Refusal {
  return { file, output, line: 0, column: 0, message, excerpt: '', hint, refused: 'file' };
}

/** A refusal as the command line shows it: place, message, the line with its caret, what would be right. */
export function describeRefusal(refusal: Refusal): string {
  const { file, line, column, message, excerpt, hint } = refusal;
  const place = line === 0 ? file : column === 0 ? `${file}:${line}` : `${file}:${line}:${column}`;
  return [`${place}: ${message}`, excerpt, hint].filter((part) => part !== '').join('\n');
}

const maxExcerpt = 160;

function excerptOf(bytes: ByteString, line: number, column: number): string {
  if (line < 1) return '';
  const lineBytes = lineOf(bytes, line);
  if (lineBytes === undefined) return '';
  const before = textOf(lineBytes.slice(0, column - 1));
  const text = textOf(lineBytes);
  const start = before.length > maxExcerpt / 2 ? before.length - maxExcerpt / 2 : 0;
  const shown = printable(text.slice(start, start + maxExcerpt));
  return `  ${shown}\n  ${' '.repeat(before.length - start)}^`;
}

function lineOf(bytes: ByteString, line: number): ByteString | undefined {
  let start = 0;
  for (let current = 1; current < line; current++) {
    const next = bytes.indexOf('\n', start);
    if (next === -1) return undefined;
    start = next + 1;
  }
  const end = bytes.indexOf('\n', start);
  return bytes.slice(start, end === -1 ? undefined : end);
}

function printable(text: string): string {
  return textOf(bytesOf(text)).replaceAll(/\p{Cc}/gu, ' ');
}
