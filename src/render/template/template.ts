import { builtins } from './builtins.ts';
import { type ByteString, bytesOf } from './byte-string.ts';
import { Execution, type ParsedFile } from './execution.ts';
import type { Functions } from './go-type.ts';
import type { Value } from './go-value.ts';
import { Parser } from './parser.ts';
import { TemplateError } from './template-error.ts';

/** How long a template may be. Files of all CRDs of an operator, as its project releases them, have up to 6 MB. */
export const maxTemplateBytes = 8 * 1024 * 1024;

/** A file's templates, ready to be executed any number of times. */
export interface Template {
  /** Its path. */
  readonly name: string;
  readonly file: ParsedFile;
}

/**
 * Reads a template; `name` is its path, `functions` are the functions it may call besides Go's built-in ones.
 * Throws a TemplateError.
 */
export function parseTemplate(name: string, source: ByteString, functions: Functions): Template {
  if (source.length > maxTemplateBytes) {
    const reason = `template has ${source.length} bytes, the limit is ${maxTemplateBytes}`;
    throw new TemplateError(`template: ${name}:1: ${reason}`, { file: name, line: 1, column: 1 }, reason);
  }
  const bytes = bytesOf(name);
  const parser = new Parser(bytes, source, (called) => functions.has(called) || builtins.has(called));
  return { name, file: { name: bytes, source, trees: parser.parse() } };
}

/** The template's output for `dot`, with `missingkey=error`. Throws a TemplateError. */
export function executeTemplate({ file }: Template, dot: Value, functions: Functions): ByteString {
  const tree = file.trees.get(file.name);
  if (tree === undefined) throw new Error(`no template ${file.name}`);
  return new Execution(file, tree, dot, functions).run();
}
