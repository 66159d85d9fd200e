import type { LogLine, RunStore } from '../ports/store.ts';

const flushEvery = 300;
/** What is kept of each of these spans at most: whoever logs more than people can read must not fill the store. */
const mostLines = 2_000;
const mostCharacters = 1_000_000;

/** Gathers a run's log lines and writes them in order, a few times a second. */
export class RunLog {
  readonly #store: RunStore;
  readonly #runId: string;
  #lines: Omit<LogLine, 'sequence'>[] = [];
  #characters = 0;
  #leftOut = 0;
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(store: RunStore, runId: string) {
    this.#store = store;
    this.#runId = runId;
  }

  add(stage: string, text: string): void {
    this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), flushEvery);
    if (this.#lines.length >= mostLines || this.#characters > mostCharacters) {
      this.#leftOut++;
      return;
    }
    this.#characters += text.length;
    this.#lines.push({ at: Date.now(), stage, text });
  }

  /** Waits until everything added so far is written. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#lines.splice(0);
    const [leftOut, stage] = [this.#leftOut, lines.at(-1)?.stage ?? ''];
    this.#characters = 0;
    this.#leftOut = 0;
    if (leftOut > 0)
      lines.push({ at: Date.now(), stage, text: `… ${leftOut} more lines came at once and are left out here` });
    if (lines.length > 0)
      this.#writing = this.#writing.catch(() => {}).then(() => this.#store.appendLog(this.#runId, lines));
    await this.#writing;
  }
}
