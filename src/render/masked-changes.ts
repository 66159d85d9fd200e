import type { Json } from '../domain/json.ts';
import type { SecretMask } from '../domain/secrets/secret-mask.ts';
import { hidden } from '../domain/secrets/secret-value.ts';
import type { FieldChange } from './object-diff.ts';

/** The changes of an object of this kind, without secrets: that one came, went or changed is still told. */
export function maskChanges(mask: SecretMask, kind: string, changes: readonly FieldChange[]): FieldChange[] {
  return changes.map((change) => {
    const path = mask.known(change.path);
    if (kind === 'Secret' && isSecretPath(change.path))
      return { path, before: maskWhole(change.before), after: maskWhole(change.after) };
    const name = nameOf(change.path);
    const masked = (value: Json | undefined) => (value === undefined ? undefined : mask.json(value, name));
    const [before, after] = [masked(change.before), masked(change.after)];
    const differ = before === undefined || after === undefined || JSON.stringify(before) !== JSON.stringify(after);
    return differ ? { path, before, after } : { path, before: hidden, after: hidden };
  });
}

/** The name by which a value goes: of `env[TOKEN].value` it is `TOKEN`, of `data["db.password"]` it is `db.password`. */
function nameOf(path: string): string {
  const item = /\[([^[\]"]+)\]\.value$/.exec(path)?.[1];
  const quoted = /\["((?:[^"\\]|\\.)+)"\]$/.exec(path)?.[1];
  return item ?? quoted ?? /([^.[\]]+)$/.exec(path)?.[1] ?? '';
}

/** Annotations of tools hold the whole object as it was applied. */
function isSecretPath(path: string): boolean {
  return path === '.' || /^(?:data|stringData|metadata\.annotations)\b/.test(path);
}

function maskWhole(value: Json | undefined): Json | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'object' && value !== null) {
    const keys = Array.isArray(value) ? `${value.length} values` : Object.keys(value).join(', ');
    return `(secret: ${keys})`;
  }
  return hidden;
}
