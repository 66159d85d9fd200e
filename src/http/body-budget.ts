import type { Readable } from 'node:stream';

/** What became of a body. `crowded out`: others needed the memory, and this one had been on its way longest. */
export type BodyOutcome =
  | { outcome: 'whole'; bytes: Buffer }
  | { outcome: 'too large' }
  | { outcome: 'crowded out' }
  | { outcome: 'cut short' };

export interface BodyOrder {
  /** The Content-Length, bytes; undefined when the sender doesn't say. */
  announced: number | undefined;
  /** The longest that is taken, bytes. */
  most: number;
}

/** A body gets its memory in steps: what was announced costs nothing before it comes. */
const firstStep = 16 * 1024;

/**
 * Memory for bodies of senders that nobody has vouched for yet: all of them together get so many bytes. When these are used
 * up, the body that has been on its way longest is given up, so that whoever sends slowly harms only himself.
 */
export class BodyBudget {
  readonly #bytes: number;
  readonly #coming = new Set<ComingBody>();
  #used = 0;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** Reads the body and hands it to `use`; its memory counts until that is done. Never throws by itself. */
  async read<T>(source: Readable, order: BodyOrder, use: (body: BodyOutcome) => Promise<T>): Promise<T> {
    const body: ComingBody = new ComingBody(source, order, (bytes) => this.#take(body, bytes));
    this.#coming.add(body);
    const outcome = await body.read();
    this.#coming.delete(body);
    try {
      return await use(outcome);
    } finally {
      this.#used -= body.held;
    }
  }

  /** Whether the body gets so many more bytes, when those that came earlier are given up. */
  #take(body: ComingBody, bytes: number): boolean {
    for (const oldest of this.#coming) {
      if (this.#used + bytes <= this.#bytes) break;
      this.#coming.delete(oldest);
      this.#used -= oldest.giveUp();
      if (oldest === body) return false;
    }
    if (this.#used + bytes > this.#bytes) return false;
    this.#used += bytes;
    return true;
  }
}

class ComingBody {
  /** Of the budget, bytes. */
  held = 0;
  readonly #source: Readable;
  readonly #order: BodyOrder;
  readonly #take: (bytes: number) => boolean;
  #buffer = Buffer.alloc(0);
  #length = 0;
  #end: (outcome: BodyOutcome) => void = () => {};

  constructor(source: Readable, order: BodyOrder, take: (bytes: number) => boolean) {
    this.#source = source;
    this.#order = order;
    this.#take = take;
  }

  read(): Promise<BodyOutcome> {
    const { promise, resolve } = Promise.withResolvers<BodyOutcome>();
    const onData = (chunk: Buffer): void => this.#append(chunk);
    const onEnd = (): void => this.#end({ outcome: 'whole', bytes: this.#buffer.subarray(0, this.#length) });
    const onCut = (): void => this.#end({ outcome: 'cut short' });
    this.#end = (outcome) => {
      this.#source.off('data', onData).off('end', onEnd).off('close', onCut).pause();
      // A sender that goes away after it was given up still reports it.
      this.#source.once('error', () => {});
      resolve(outcome);
    };
    this.#source.on('data', onData).once('end', onEnd).once('close', onCut).once('error', onCut);
    return promise;
  }

  /** Returns how many bytes that frees. */
  giveUp(): number {
    const freed = this.held;
    this.held = 0;
    this.#buffer = Buffer.alloc(0);
    this.#end({ outcome: 'crowded out' });
    return freed;
  }

  #append(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#order.most) {
      this.#end({ outcome: 'too large' });
    } else if (length > this.#buffer.length && !this.#grow(length)) {
      this.#end({ outcome: 'crowded out' });
    } else {
      chunk.copy(this.#buffer, this.#length);
      this.#length = length;
    }
  }

  /** One buffer that doubles, instead of a list of chunks: a chunk of one byte would cost a hundred. */
  #grow(needed: number): boolean {
    const wanted = Math.max(needed, this.#buffer.length * 2, firstStep);
    const size = Math.max(needed, Math.min(wanted, this.#order.announced ?? this.#order.most));
    if (!this.#take(size - this.#buffer.length)) return false;
    this.held += size - this.#buffer.length;
    const grown = Buffer.allocUnsafeSlow(size);
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
    return true;
  }
}
