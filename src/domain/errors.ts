/**
 * Why something did not happen, in the user's words. `refused`: the input is wrong (exit code 2, HTTP 4xx); `unavailable`:
 * the outside world did not answer, trying again may help; `missing`: what was named does not exist. Anything else that is
 * thrown is a defect of ours.
 */
export type ErrorKind = 'refused' | 'missing' | 'unavailable' | 'conflict' | 'forbidden';

export class FairwayError extends Error {
  readonly kind: ErrorKind;

  /** `message` says what, which value, and what to change. */
  constructor(kind: ErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'FairwayError';
    this.kind = kind;
  }
}

/** The sentence of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
