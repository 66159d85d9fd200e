import type { Json } from '../domain/json.ts';
import type { FieldChange } from './object-diff.ts';

/** Shows that a value of a Secret came, went or changed, never the value. */
export function maskSecrets(kind: string, changes: FieldChange[]): FieldChange[] {
  if (kind !== 'Secret') return changes;
  return changes.map((change) => (isSecretPath(change.path) ? maskChange(change) : change));
}

function isSecretPath(path: string): boolean {
  return path === '.' || /^(data|stringData)\b/.test(path) || path.includes('last-applied-configuration');
}

function maskChange({ path, before, after }: FieldChange): FieldChange {
  return { path, before: mask(before), after: mask(after) };
}

function mask(value: Json | undefined): Json | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'object' && value !== null) {
    const keys = Array.isArray(value) ? `${value.length} values` : Object.keys(value).join(', ');
    return `(secret: ${keys})`;
  }
  return '(secret)';
}
