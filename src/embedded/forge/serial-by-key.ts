/** Runs the work of one key one after another, in the order it came; different keys run side by side. */
export class SerialByKey {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** When all that has been asked for so far is done. */
  async idle(): Promise<void> {
    await Promise.all(this.#tails.values());
  }

  async run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const result = before.then(work);
    const tail = result.catch(() => undefined);
    this.#tails.set(key, tail);
    try {
      return await result;
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}
