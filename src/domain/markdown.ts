import { cut, oneLine, visibleLines } from './visible-text.ts';

/** A text from outside as inline code: no mention, link, image, heading or HTML in it comes alive. */
export function code(text: string, most = 1_000): string {
  // Nothing at all would be no code, and might make something else of what stands around it.
  const line = cut(oneLine(text), most) || ' ';
  const marks = '`'.repeat(longestRun(line) + 1);
  return /^[ `]|[ `]$/.test(line) ? `${marks} ${line} ${marks}` : `${marks}${line}${marks}`;
}

/** Inline code for a cell of a table, where a bar ends the cell unless a backslash stands before it, and two backslashes are none. */
export function codeInCell(text: string, most?: number): string {
  return code(text, most).replace(
    /(\\*)\|/g,
    (_, before: string) => `${before}${before.length % 2 === 0 ? '\\' : '\\\\'}|`,
  );
}

/** A text of several lines from outside as a block of code. */
export function codeBlock(text: string, most: number): string {
  const lines = cut(visibleLines(text), most);
  const marks = '`'.repeat(Math.max(3, longestRun(lines) + 1));
  return `${marks}\n${lines}\n${marks}`;
}

/** As many whole blocks as fit into so many characters, and how many more there are: what is cut within could come alive. */
export function wholeBlocks(blocks: readonly string[], most: number, more: (count: number) => string): string[] {
  let length = 0;
  const end = blocks.findIndex((block) => {
    length += block.length + 1;
    return length > most;
  });
  return end < 0 ? [...blocks] : [...blocks.slice(0, end), more(blocks.length - end)];
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
