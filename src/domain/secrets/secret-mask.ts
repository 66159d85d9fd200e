import { isJsonObject, type Json } from '../json.ts';
import { replaceInLines } from './secret-lines.ts';
import { isSecretName } from './secret-name.ts';
import { replaceShapes, type Substitute } from './secret-shapes.ts';
import { hidden, isHarmless, isTelling } from './secret-value.ts';

/** What is shorter is masked as a whole value only: it may be part of anything. */
const minPart = 6;
/** Lines of a long secret, e.g. of a key, stand alone in the lines of a stack. */
const minLine = 16;

/** Shows that a secret is there, never the secret: neither those that are known nor what looks or is called like one. */
export class SecretMask {
  readonly #whole: ReadonlySet<string>;
  /** The longest first: one may be part of another. */
  readonly #parts: readonly string[];

  /**
   * `secrets`: values that are known to be secret, wherever they stand. `guessed`: those that some place says are secret, which may be
   * ordinary words, too; such a word is masked only where it stands alone.
   */
  constructor(secrets: Iterable<string>, guessed: Iterable<string> = []) {
    const words = [...guessed];
    const telling = new Set([...secrets, ...words.filter(isTelling)].flatMap(formsOf));
    this.#whole = new Set([...telling, ...words.filter((word) => word !== '')]);
    this.#parts = [...telling].filter((secret) => secret.length >= minPart).sort((a, b) => b.length - a.length);
  }

  /** A text without secrets. */
  text(text: string): string {
    return replaceSecrets(this.known(text), () => hidden);
  }

  /** A text without the known secrets. */
  known(text: string): string {
    if (this.#whole.has(text)) return hidden;
    return this.#parts.reduce((shown, part) => shown.replaceAll(part, hidden), text);
  }

  /** A value without secrets; `name` is what it goes by, `` when it has none. */
  json(value: Json, name = ''): Json {
    if (typeof value === 'string') return isSecretName(name) && !isHarmless(value) ? hidden : this.text(value);
    if (typeof value === 'number') return isSecretName(name) ? hidden : value;
    if (Array.isArray(value)) return value.map((item) => this.json(item));
    if (!isJsonObject(value)) return value;
    const entries = Object.entries(value).map(([key, field]) => {
      return [this.known(key), this.json(field, nameIn(value, key))] as const;
    });
    return Object.fromEntries(entries);
  }
}

/** The text with another in place of each secret that it gives away by itself. */
export function replaceSecrets(text: string, substitute: Substitute): string {
  return replaceInLines(replaceShapes(text, substitute), substitute);
}

/** In lists of pairs, as variables of the environment are, a value goes by the name that stands beside it. */
export function nameIn(object: { [key: string]: Json }, key: string): string {
  const beside =
    key === 'value' ? (object.name ?? object.key) : key === 'ParameterValue' ? object.ParameterKey : undefined;
  return typeof beside === 'string' ? beside : key;
}

/** As a secret may turn up. */
function formsOf(secret: string): string[] {
  return secret === '' ? [] : [secret, ...linesOf(secret), inBase64(secret), inJson(secret)];
}

function linesOf(secret: string): string[] {
  const lines = secret.includes('\n') ? secret.split('\n') : [];
  return lines.map((line) => line.trim()).filter((line) => line.length >= minLine);
}

function inBase64(secret: string): string {
  return Buffer.from(secret).toString('base64');
}

function inJson(secret: string): string {
  return JSON.stringify(secret).slice(1, -1);
}
