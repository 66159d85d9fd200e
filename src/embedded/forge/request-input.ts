import type { z } from 'zod';
import { hasNul } from '../../http/has-nul.ts';
import { type FieldError, validationFailed } from './api-error.ts';

/** The body or query as `schema` has it; otherwise 422 with one error per field, as GitHub lists them. */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  resource: string,
): z.output<Schema> {
  if (hasNul(input))
    throw validationFailed({ resource, field: 'body', code: 'invalid', message: 'has the character NUL' });
  const result = schema.safeParse(input ?? {});
  if (result.success) return result.data;
  throw validationFailed(...result.error.issues.map((issue) => fieldError(issue, resource)));
}

function fieldError(issue: z.core.$ZodIssue, resource: string): FieldError {
  const field = issue.path.join('.') || 'body';
  const missing = issue.code === 'invalid_type' && issue.input === undefined && issue.message.includes('undefined');
  return { resource, field, code: missing ? 'missing_field' : 'invalid', message: issue.message };
}
