/**
 * Runs the work of one key one after another. Whoever asks while it is under way shares the next time with all who ask meanwhile: that
 * begins after they asked, so that each sees what was there when it did.
 */
export class SharedTurns {
  readonly #running = new Map<string, Promise<void>>();
  readonly #next = new Map<string, Promise<void>>();

  run(key: string, work: () => Promise<void>): Promise<void> {
    const shared = this.#next.get(key);
    if (shared) return shared;
    const running = this.#running.get(key);
    if (!running) return this.#start(key, work);
    const next = running
      .catch(() => {})
      .then(() => {
        this.#next.delete(key);
        return this.#start(key, work);
      });
    this.#next.set(key, next);
    return next;
  }

  #start(key: string, work: () => Promise<void>): Promise<void> {
    const run = work().finally(() => {
      if (this.#running.get(key) === run) this.#running.delete(key);
    });
    this.#running.set(key, run);
    return run;
  }
}
