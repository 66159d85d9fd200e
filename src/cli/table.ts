import { oneLine } from '../domain/visible-text.ts';
import { indented } from './terminal.ts';

/** Rows in columns as wide as their widest cell; the last column is not filled up, and its cells may have several lines. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, oneLine(cell).length);
  return rows.map((row) => `${lineOf(row, widths)}\n`).join('');
}

function lineOf(row: readonly string[], widths: readonly number[]): string {
  const filled = row.slice(0, -1).map((cell, column) => `${oneLine(cell).padEnd(widths[column] ?? 0)}  `);
  const before = filled.join('');
  return before + indented(row.at(-1) ?? '', before.length);
}
