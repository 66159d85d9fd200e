import { type ErrorKind, FairwayError, messageOf } from '../domain/errors.ts';
import type { Verdict } from '../domain/run.ts';
import { say } from './terminal.ts';

/** 0 done · 1 the world said no · 2 wrong use · 3 we broke. */
export const exitCodes = { done: 0, no: 1, usage: 2, broke: 3 } as const;

export function exitCodeOf(verdict: Verdict): number {
  return { success: exitCodes.done, failure: exitCodes.no, unknown: exitCodes.broke }[verdict];
}

/** Prints what went wrong and returns the exit code for it. */
export function reportError(error: unknown): number {
  if (error instanceof FairwayError) {
    say(`fairway: ${error.message}`);
    const codes: Record<ErrorKind, number> = {
      refused: exitCodes.usage,
      missing: exitCodes.usage,
      forbidden: exitCodes.usage,
      conflict: exitCodes.no,
      unavailable: exitCodes.broke,
    };
    return codes[error.kind];
  }
  say(`fairway: ${error instanceof Error ? (error.stack ?? messageOf(error)) : String(error)}`);
  return exitCodes.broke;
}
