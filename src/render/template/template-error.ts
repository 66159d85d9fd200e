import { FairwayError } from '../../domain/errors.ts';

export interface TemplatePlace {
  /** The template's name, which is its path. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** In bytes, from 1: where a caret goes. */
  readonly column: number;
}

/** A template that is refused, when read or when executed; the message is the one of Go's text/template, place included. */
export class TemplateError extends FairwayError {
  readonly place: TemplatePlace;
  /** The message without `template: FILE:LINE: …`. */
  readonly reason: string;

  constructor(message: string, place: TemplatePlace, reason: string, options?: { cause?: unknown }) {
    super('refused', message, options);
    this.name = 'TemplateError';
    this.place = place;
    this.reason = reason;
  }
}

/** What a template function returns as its error; it becomes `error calling NAME: MESSAGE`. The message is bytes. */
export class CallError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CallError';
  }
}
