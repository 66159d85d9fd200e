import type { RunStore } from '../ports/store.ts';
import { logLine } from './terminal.ts';

/** Prints a run's log as it grows; `end` prints the rest. */
export function followLog(runs: RunStore, id: string, say: (line: string) => void): { end(): Promise<void> } {
  let after = 0;
  let reading: Promise<void> = Promise.resolve();
  const read = async (): Promise<void> => {
    for (const line of await runs.log(id, after, 1_000)) {
      after = line.sequence;
      say(logLine(line));
    }
  };
  const timer = setInterval(() => {
    reading = reading.then(read).catch(() => {});
  }, 300);
  return {
    async end() {
      clearInterval(timer);
      await reading;
      await read();
    },
  };
}
