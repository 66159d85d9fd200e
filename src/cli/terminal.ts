import { oneLine, visibleLines } from '../domain/visible-text.ts';

/** Results, on standard output: a text from outside must not move the cursor; in JSON such characters are escapes that mean the same. */
export function print(text: string): void {
  process.stdout.write(visibleLines(text));
}

/** A line for people, on standard error. */
export function say(line: string): void {
  process.stderr.write(`${visibleLines(line)}\n`);
}

/** A line of a run's log: what follows in a text of several lines is indented, so that it can't pass for the line of a stage. */
export function logLine({ stage, text }: { stage: string; text: string }): string {
  return `${oneLine(stage).padEnd(12)} ${indented(text, 13)}`;
}

/** A text whose further lines stand in this column. */
export function indented(text: string, column: number): string {
  return visibleLines(text).replaceAll('\n', `\n${' '.repeat(column)}`);
}
