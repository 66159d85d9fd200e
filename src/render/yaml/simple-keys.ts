import type { Cursor } from './cursor.ts';
import type { TokenQueue } from './token.ts';

/** A place where a key without `?` may begin, which only a later `:` tells. */
export interface SimpleKey {
  possible: boolean;
  /** Nothing but a key may stand here. */
  required: boolean;
  tokenNumber: number;
  offset: number;
  line: number;
  column: number;
}

/** YAML's limit for a key without `?`. */
const maxKeyLength = 1024;

/** The possible keys, one per level of flow collections. */
export class SimpleKeys {
  readonly #cursor: Cursor;
  readonly #tokens: TokenQueue;
  readonly #levels: SimpleKey[] = [noKey(0)];
  readonly #levelByToken = new Map<number, number>();

  constructor(cursor: Cursor, tokens: TokenQueue) {
    this.#cursor = cursor;
    this.#tokens = tokens;
  }

  /** A key may begin here, in place of the last one that might have. */
  save(required: boolean): void {
    this.remove();
    const { offset, line, column } = this.#cursor;
    const tokenNumber = this.#tokens.nextNumber;
    const level = this.#levels.length - 1;
    this.#levels[level] = { possible: true, required, tokenNumber, offset, line, column };
    this.#levelByToken.set(tokenNumber, level);
  }

  /** What might have been a key is none. */
  remove(): void {
    const key = this.#levels.at(-1);
    if (key?.possible !== true) return;
    if (key.required) throw this.#cursor.fault("could not find expected ':'");
    this.#forget(key);
  }

  /** The key that a `:` here ends; from now on it is none any more. */
  takeValid(): SimpleKey | undefined {
    const key = this.#levels.at(-1);
    if (key === undefined || !this.#isValid(key)) return undefined;
    this.#forget(key);
    return key;
  }

  /** Whether the first token of the queue may still turn out to begin a key. */
  mayBeginAtFirst(): boolean {
    if (this.#levelByToken.size === 0) return false;
    const level = this.#levelByToken.get(this.#tokens.taken);
    const key = level === undefined ? undefined : this.#levels[level];
    return key !== undefined && this.#isValid(key);
  }

  openLevel(): void {
    this.#levels.push(noKey(this.#tokens.nextNumber));
  }

  closeLevel(): void {
    const key = this.#levels.pop();
    if (key !== undefined) this.#levelByToken.delete(key.tokenNumber);
  }

  #forget(key: SimpleKey): void {
    key.possible = false;
    this.#levelByToken.delete(key.tokenNumber);
  }

  #isValid(key: SimpleKey): boolean {
    if (!key.possible) return false;
    if (key.line >= this.#cursor.line && key.offset + maxKeyLength >= this.#cursor.offset) return true;
    if (key.required) throw this.#cursor.fault("could not find expected ':'");
    key.possible = false;
    return false;
  }
}

function noKey(tokenNumber: number): SimpleKey {
  return { possible: false, required: false, tokenNumber, offset: 0, line: 0, column: 0 };
}
