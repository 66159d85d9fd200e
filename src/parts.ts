/** Parts of a program that end in the opposite order of their start. */
export class Parts {
  readonly #ends: (() => Promise<unknown>)[] = [];

  async add<T>(starting: T | Promise<T>, end: (part: T) => Promise<unknown>): Promise<T> {
    const part = await starting;
    this.#ends.unshift(() => end(part));
    return part;
  }

  /** Ends them all, also when one of them fails to; the first failure is thrown. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const end of this.#ends.splice(0)) await end().catch((failure: unknown) => failures.push(failure));
    if (failures.length > 0) throw failures[0];
  }
}
