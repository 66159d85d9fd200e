import { isJsonObject, type Json } from '../json.ts';
import { cut, visibleLines } from '../visible-text.ts';
import { SecretMask } from './secret-mask.ts';

/** UTF-16 units. */
const longestSentence = 64_000;

/** The one door for what a run tells people: no secrets, and no characters that can't be seen. */
export class Discretion {
  readonly #known = new Set<string>();
  readonly #guessed = new Set<string>();
  #mask = new SecretMask([]);

  /** From now on these are not told; of `guessed` ones, which may be ordinary words, see SecretMask. */
  hide(known: Iterable<string>, guessed: Iterable<string> = []): void {
    const before = this.#known.size + this.#guessed.size;
    for (const secret of known) this.#known.add(secret);
    for (const secret of guessed) this.#guessed.add(secret);
    if (this.#known.size + this.#guessed.size > before) this.#mask = new SecretMask(this.#known, this.#guessed);
  }

  /** What people read at once, so long at most. */
  sentence(text: string): string {
    return this.text(cut(text, longestSentence));
  }

  text(text: string): string {
    return visibleLines(this.#mask.text(text));
  }

  json(value: Json): Json {
    return visible(this.#mask.json(value));
  }
}

/** What each run must not tell, as far as this process has come to know it. */
export class RunSecrets {
  readonly #byRun = new Map<string, Discretion>();

  of(runId: string): Discretion {
    const discretion = this.#byRun.get(runId) ?? new Discretion();
    this.#byRun.set(runId, discretion);
    return discretion;
  }

  /** Of a run that has ended nothing more is told. */
  forget(runId: string): void {
    this.#byRun.delete(runId);
  }
}

function visible(value: Json): Json {
  if (typeof value === 'string') return visibleLines(value);
  if (Array.isArray(value)) return value.map(visible);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [visibleLines(key), visible(field)]));
}
