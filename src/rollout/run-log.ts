import type { LogLine, RunStore } from '../ports/store.ts';

const flushEvery = 300;

/** Gathers a run's log lines and writes them in order, a few times a second. */
export class RunLog {
  readonly #store: RunStore;
  readonly #runId: string;
  #lines: Omit<LogLine, 'sequence'>[] = [];
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(store: RunStore, runId: string) {
    this.#store = store;
    this.#runId = runId;
  }

  add(stage: string, text: string): void {
    this.#lines.push({ at: Date.now(), stage, text });
    this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), flushEvery);
  }

  /** Waits until everything added so far is written. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#lines.splice(0);
    if (lines.length > 0)
      this.#writing = this.#writing.catch(() => {}).then(() => this.#store.appendLog(this.#runId, lines));
    await this.#writing;
  }
}
