import { z } from 'zod';

/** Not what JavaScript takes for numbers besides: '', 0x10, 1e3. */
const digits = /^(0|[1-9]\d{0,14})$/;

/** A whole number in a query, where all is text. */
export function wholeNumber<Schema extends z.ZodNumber>(schema: Schema) {
  return z.preprocess((text) => (typeof text === 'string' && digits.test(text) ? Number(text) : text), schema);
}
