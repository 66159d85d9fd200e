import type { ByteString } from './template/byte-string.ts';

export interface Unclosed {
  /** From 1. */
  line: number;
  column: number;
  hint: string;
}

/** Where what is not closed was opened, for Go's errors that name the end of the file. */
export function unclosedPlace(source: ByteString, message: string): Unclosed | undefined {
  const started = /unclosed action started at .*:(\d+)$/.exec(message)?.[1];
  if (started !== undefined) return unclosedAction(source, Number(started));
  return message.endsWith(': unexpected EOF') ? unclosedBlock(source) : undefined;
}

function unclosedAction(source: ByteString, line: number): Unclosed {
  const text = source.split('\n', line)[line - 1] ?? '';
  return { line, column: text.lastIndexOf('{{') + 1, hint: 'close this {{ with }}' };
}

/** An action from `{{` on: a comment, or a keyword and the rest with its quoted parts. */
const action =
  /\{\{-?\s*(?:\/\*[\s\S]*?\*\/|([a-z]*)(?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|[^"'`}]|\}(?!\}))*)\s*-?\}\}/g;
const openers = new Set(['if', 'range', 'with', 'define', 'block']);

function unclosedBlock(source: ByteString): Unclosed | undefined {
  const open: { keyword: string; offset: number }[] = [];
  for (const match of source.matchAll(action)) {
    const keyword = match[1] ?? '';
    if (openers.has(keyword)) open.push({ keyword, offset: match.index });
    else if (keyword === 'end') open.pop();
  }
  const last = open.at(-1);
  if (last === undefined) return undefined;
  const before = source.slice(0, last.offset).split('\n');
  return {
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
    hint: `this ${last.keyword} has no {{ end }}`,
  };
}
