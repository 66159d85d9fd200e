import type { Refusal } from '../refusal.ts';

/** What lint has to say of a file. Errors go wrong in any cluster; a warning may have its reason outside of the repository. */
export interface Finding extends Refusal {
  severity: Severity;
}

export type Severity = 'error' | 'warning';

/** What a rule has to say of one object. */
export interface ObjectFault {
  severity: Severity;
  path: FieldPath;
  message: string;
  /** What would be right, where the message doesn't say it. */
  hint?: string;
}

/** Names of fields and numbers of items, from the object's root. */
export type FieldPath = readonly (string | number)[];
