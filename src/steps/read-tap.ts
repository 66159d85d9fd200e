import { createReadStream } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Parser } from 'tap-parser';
import { cut } from '../domain/visible-text.ts';

/** What is read of one file's results at most; who prints more is not held up, and is told. */
const longestLine = 16_384;
const mostResults = 50_000;
const mostDiagnosticLines = 1_000;
const mostNames = 50;
const longestName = 300;

export interface TapReading {
  passed: number;
  failed: number;
  skipped: number;
  /** Whether the results are whole, by their plan, and none failed. */
  ok: boolean;
  /** Names of what failed, the first ones. */
  failures: string[];
  /** What was skipped, and why; the first ones. */
  leftOut: string[];
  /** The last lines. */
  lastWords: string;
  /** Whether more was printed than is read. */
  isCut: boolean;
}

/** Reads the results in a file, a little at a time: others have their turn in between. */
export async function readTap(path: string): Promise<TapReading> {
  const failures: string[] = [];
  const leftOut: string[] = [];
  const ended = Promise.withResolvers<{ pass: number; skip: number; ok: boolean }>();
  const parser = new Parser(ended.resolve);
  parser.on('assert', ({ ok, skip, todo, name, fullname }) => {
    if (skip) leftOut.push([name, skip].filter((part) => part !== true).join(': '));
    if (!ok && !skip && !todo) failures.push(fullname || name);
  });
  const lines = new TapLines();
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: longestLine })) {
    for (const line of lines.take(String(chunk))) parser.write(`${line}\n`);
    await nextTurn();
  }
  for (const line of lines.end()) parser.write(`${line}\n`);
  parser.end();
  const { pass, skip, ok } = await ended.promise;
  return {
    // What was skipped counts as passed in TAP, and must not make a suite green.
    passed: pass - skip,
    failed: failures.length,
    skipped: skip,
    ok,
    failures: firstOf(failures),
    leftOut: firstOf(leftOut),
    lastWords: lines.last.join(' '),
    isCut: lines.isCut,
  };
}

/** Lines as the parser may get them: not too long, not too many. */
class TapLines {
  /** The last ones that say something. */
  last: string[] = [];
  isCut = false;
  #rest = '';
  #results = 0;
  /** Lines of the diagnostic that is being read; undefined outside of one. */
  #diagnostic: number | undefined;

  take(chunk: string): string[] {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = cut(lines.pop() ?? '', longestLine);
    return lines.filter((line) => this.#isRead(line)).map((line) => cut(line, longestLine));
  }

  end(): string[] {
    const line = this.#rest;
    this.#rest = '';
    return line !== '' && this.#isRead(line) ? [line] : [];
  }

  #isRead(line: string): boolean {
    if (line.trim() !== '') this.last = [...this.last.slice(-2), cut(line, longestName)];
    if (this.#diagnostic === undefined) {
      if (/^\s+---\s*$/.test(line)) this.#diagnostic = 0;
      if (/^\s*(?:not )?ok\b/.test(line)) this.#results++;
    } else if (/^\s+\.\.\.\s*$/.test(line)) this.#diagnostic = undefined;
    else this.#diagnostic++;
    const isRead = this.#results <= mostResults && (this.#diagnostic ?? 0) <= mostDiagnosticLines;
    this.isCut ||= !isRead;
    return isRead;
  }
}

function firstOf(names: readonly string[]): string[] {
  const first = names.slice(0, mostNames).map((name) => cut(name, longestName));
  return names.length > mostNames ? [...first, `and ${names.length - mostNames} more`] : first;
}
