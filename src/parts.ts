/** Parts of a program that end in the opposite order of their start. */
export class Parts {
  readonly #ends: (() => Promise<unknown>)[] = [];

  async add<T>(starting: T | Promise<T>, end: (part: T) => Promise<unknown>): Promise<T> {
    const part = await starting;
    this.#ends.unshift(() => end(part));
    return part;
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0)) await end();
  }
}
