import type { ObjectRef } from '../../domain/manifest.ts';
import type { Cause, Refused } from './api-server.ts';
import { kindAndGroup } from './apply-order.ts';
import { holdsData, REPLACE_ANNOTATION } from './replacement.ts';

/** Longer ones show whole objects in Go's words. */
const MAX_LENGTH = 500;
const MAX_CAUSE_LENGTH = 300;
const MAX_CAUSES = 5;

/** The API server has no word of its own for it: each kind says it in another sentence. */
const immutable =
  /immutable|may not (be )?change|can ?not (be )?change|must not be changed|updates to .* are forbidden|fields other than|can ?not be less than/i;

/** Whether all that is wrong is that fields of a live object can't be changed. */
export function isImmutableOnly({ status, causes }: Refused): boolean {
  return status === 422 && causes.length > 0 && causes.every(isImmutable);
}

/** The API server's sentence if people can read it, else its causes one by one; where a field can't be changed, what to do. */
export function refusalWords(ref: ObjectRef, answer: Refused): string {
  const { message, status, causes } = answer;
  if (status === 409) return `the API server answers each attempt with a conflict: ${cut(message)}`;
  if (isImmutableOnly(answer)) {
    const fields = [...new Set(causes.map(({ field }) => field))].join(', ');
    return `${fields} can't be changed in a ${ref.kind} that is there: ${listOf(causes, tailOf)}\n${adviceFor(ref)}`;
  }
  if (message.length <= MAX_LENGTH) return message;
  return causes.length > 0 ? listOf(causes, (cause) => `${cause.field}: ${tailOf(cause)}`) : cut(message);
}

export function isTerminatingNamespace({ causes }: Refused): boolean {
  return causes.some(({ reason }) => reason === 'NamespaceTerminating');
}

/** A webhook with side effects makes the API server refuse every dry run of its kinds; that says nothing of the object. */
export function refusesDryRunsAltogether({ status, message }: Refused): boolean {
  return status === 400 && message.includes('does not support dry run');
}

function isImmutable({ message }: Cause): boolean {
  return immutable.test(firstLine(message));
}

function listOf(causes: Cause[], word: (cause: Cause) => string): string {
  const words = [...new Set(causes.map(word))];
  const more = words.length > MAX_CAUSES ? `; and ${words.length - MAX_CAUSES} more` : '';
  return `${words.slice(0, MAX_CAUSES).join('; ')}${more}`;
}

/** Without the value, which stands before the last colon and may be a whole object. */
function tailOf({ message }: Cause): string {
  const line = firstLine(message);
  if (line.length <= MAX_CAUSE_LENGTH && !/^Invalid value: .*[{[]/.test(line)) return line;
  const tail = line.slice(line.lastIndexOf(': ') + 2);
  return tail.length > MAX_CAUSE_LENGTH ? `${tail.slice(0, MAX_CAUSE_LENGTH)}…` : tail;
}

/** What comes after it is a diff of Go's structures. */
function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.trim() ?? '';
}

function cut(text: string): string {
  const lines = text.trim().split('\n').slice(0, 3).join('\n');
  return lines.length > MAX_LENGTH ? `${lines.slice(0, MAX_LENGTH)}…` : lines;
}

function adviceFor(ref: ObjectRef): string {
  if (kindAndGroup(ref) === 'PersistentVolumeClaim')
    return 'A claim can only grow: put the field back, or make a claim of another name and move the data.';
  if (holdsData(ref))
    return `Put the field back, or make a ${ref.kind} of another name: what this one holds would go with it.`;
  return `Give the ${ref.kind} another name, annotate it ${REPLACE_ANNOTATION}: allowed to have it deleted and made anew, or list it under pre_apply of deletions.yaml.`;
}
