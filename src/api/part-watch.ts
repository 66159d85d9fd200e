import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../domain/errors.ts';
import type { PartState, WatchedPart } from '../ports/health.ts';

/** How long a part may take to answer, in milliseconds. */
const patience = 3_000;
const lookEvery = 5_000;

/** Looks at parts again and again, so that it is known since when one is away. */
export class PartWatch {
  readonly #parts: readonly WatchedPart[];
  readonly #away = new Map<string, Date>();
  readonly #asking = new Map<string, Promise<unknown>>();
  readonly #timer: NodeJS.Timeout;

  constructor(parts: readonly WatchedPart[]) {
    this.#parts = parts;
    this.#timer = setInterval(() => void this.look(), lookEvery).unref();
  }

  async look(): Promise<(PartState & Pick<WatchedPart, 'need'>)[]> {
    return Promise.all(this.#parts.map(async (watched) => ({ ...(await this.#stateOf(watched)), need: watched.need })));
  }

  end(): void {
    clearInterval(this.#timer);
  }

  async #stateOf(watched: WatchedPart): Promise<PartState> {
    const { part } = watched;
    const why = await this.#ask(watched);
    if (why === undefined) {
      this.#away.delete(part);
      return { part, state: 'answers' };
    }
    const since = this.#away.get(part) ?? new Date();
    this.#away.set(part, since);
    return { part, state: 'away', since, why };
  }

  /** Undefined when it answered. A question that hangs is not asked anew until it has ended. */
  async #ask({ part, ask }: WatchedPart): Promise<string | undefined> {
    const asking = this.#asking.get(part) ?? ask().finally(() => this.#asking.delete(part));
    this.#asking.set(part, asking);
    const answered = asking.then(
      () => undefined,
      (error: unknown) => messageOf(error),
    );
    return Promise.race([answered, sleep(patience, `no answer within ${patience / 1000} s`, { ref: false })]);
  }
}
