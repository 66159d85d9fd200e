/** What one commit takes at most: a statement's parameters are limited, and so is memory. */
const maxItems = 500;
const maxSize = 8 * 1024 * 1024;

interface Waiting<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Commits together what comes in at the same time: making a commit durable takes the disk as long for one row as for hundreds.
 * `commit` answers one result per item, in order.
 */
export class GroupCommit<Item, Result> {
  readonly #commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #sizeOf: (item: Item) => number;
  #waiting: Waiting<Item, Result>[] = [];
  #running = false;

  constructor(commit: (items: readonly Item[]) => Promise<readonly Result[]>, sizeOf: (item: Item) => number) {
    this.#commit = commit;
    this.#sizeOf = sizeOf;
  }

  /** Settles when the item was committed, or could not be. */
  add(item: Item): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#waiting.push({ item, resolve, reject });
    if (!this.#running) {
      this.#running = true;
      // After all sockets that have something to say were read.
      setImmediate(() => this.#run());
    }
    return promise;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) await this.#settle(this.#next());
    this.#running = false;
  }

  #next(): Waiting<Item, Result>[] {
    let size = 0;
    const end = this.#waiting.findIndex(({ item }, index) => {
      size += this.#sizeOf(item);
      return index === maxItems || (index > 0 && size > maxSize);
    });
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
  }

  /** One item that can't be committed must not take the others with it. */
  async #settle(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#commit(group.map(({ item }) => item));
      for (const [index, { resolve, reject }] of group.entries()) {
        const result = results[index];
        if (result === undefined) reject(new Error('a commit answered for fewer items than it was given'));
        else resolve(result);
      }
    } catch (error) {
      if (group.length === 1) group[0]?.reject(error);
      else for (const one of group) await this.#settle([one]);
    }
  }
}
