import { isJsonObject, type Json } from '../domain/json.ts';
import type { FieldChange } from './object-diff.ts';

const hidden = '(secret)';
/** What is shorter is masked as a whole value only: it may be part of anything. */
const minPart = 6;
/** Lines of a long secret, e.g. of a key, stand alone in the lines of a stack. */
const minLine = 16;

const secretName =
  /(^|[^a-z0-9])(password|passwd|pwd|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|credentials?)$|[a-z0-9](Password|Secret|Token|ApiKey|PrivateKey|AccessKey|Credentials?)$/;
const secretArgument =
  /^(--?[\w.-]*?(?:password|passwd|secret|token|api-?key|private-?key|access-?key))=(?![/$])(.+)$/i;

/** Shows that a secret came, went or changed, never the secret. */
export class SecretMask {
  readonly #whole: ReadonlySet<string>;
  /** The longest first: one may be part of another. */
  readonly #parts: readonly string[];

  /** `secrets`: values that are known to be secret, wherever they stand. */
  constructor(secrets: Iterable<string>) {
    const given = [...secrets].filter((secret) => secret !== '');
    const all = new Set(given.flatMap((secret) => [secret, ...linesOf(secret), inBase64(secret)]));
    this.#whole = all;
    this.#parts = [...all].filter((secret) => secret.length >= minPart).sort((a, b) => b.length - a.length);
  }

  /** A text without the known secrets. */
  text(text: string): string {
    if (this.#whole.has(text)) return hidden;
    return this.#parts.reduce((shown, part) => shown.replaceAll(part, hidden), text);
  }

  mask(kind: string, changes: readonly FieldChange[]): FieldChange[] {
    return changes.map((change) => {
      const path = this.text(change.path);
      if (kind === 'Secret' && isSecretPath(change.path)) {
        return { path, before: maskWhole(change.before), after: maskWhole(change.after) };
      }
      const name = nameOf(change.path);
      const [before, after] = [this.#value(change.before, name), this.#value(change.after, name)];
      const differ = before === undefined || after === undefined || JSON.stringify(before) !== JSON.stringify(after);
      return differ ? { path, before, after } : { path, before: hidden, after: hidden };
    });
  }

  #value(value: Json | undefined, name: string): Json | undefined {
    if (typeof value === 'string') return this.#text(value, name);
    if (Array.isArray(value)) return value.map((item) => this.#value(item, '') ?? null);
    if (!isJsonObject(value)) return value;
    const own = typeof value.name === 'string' ? value.name : '';
    const entries = Object.entries(value).map(([key, field]) => {
      const fieldName = key === 'value' && own !== '' ? own : key;
      return [this.text(key), this.#value(field, fieldName) ?? null] as const;
    });
    return Object.fromEntries(entries);
  }

  #text(text: string, name: string): string {
    if (text === '') return text;
    if (secretName.test(name) || secretName.test(name.toLowerCase())) return hidden;
    return this.text(text.replace(secretArgument, `$1=${hidden}`));
  }
}

function linesOf(secret: string): string[] {
  return secret.includes('\n')
    ? secret
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line.length >= minLine)
    : [];
}

function inBase64(secret: string): string {
  return Buffer.from(secret).toString('base64');
}

/** The name by which a value goes: of `env[TOKEN].value` it is `TOKEN`, of `data["db.password"]` it is `db.password`. */
function nameOf(path: string): string {
  const item = /\[([^[\]"]+)\]\.value$/.exec(path)?.[1];
  const quoted = /\["((?:[^"\\]|\\.)+)"\]$/.exec(path)?.[1];
  return item ?? quoted ?? /([^.[\]]+)$/.exec(path)?.[1] ?? '';
}

function isSecretPath(path: string): boolean {
  return path === '.' || /^(data|stringData)\b/.test(path) || path.includes('last-applied-configuration');
}

function maskWhole(value: Json | undefined): Json | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'object' && value !== null) {
    const keys = Array.isArray(value) ? `${value.length} values` : Object.keys(value).join(', ');
    return `(secret: ${keys})`;
  }
  return hidden;
}
