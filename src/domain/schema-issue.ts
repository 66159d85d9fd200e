import { z } from 'zod';

/** What is wrong with one field, as one line: `config_items.n: expected string, received number; quote it`. */
export function describeIssue(issue: z.core.$ZodIssue): string {
  const path = z.core.toDotPath(issue.path);
  const message = issue.message.replace(/^Invalid (input|option): /, '');
  const missing = /^(expected .*), received undefined$/.exec(message)?.[1];
  const isUnquoted = /^expected string, received (number|boolean)$/.test(message);
  const told = missing === undefined ? `${message}${isUnquoted ? '; quote it' : ''}` : `missing, ${missing}`;
  return path === '' ? told : `${path}: ${told}`;
}
