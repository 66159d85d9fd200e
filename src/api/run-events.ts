import { setTimeout as sleep } from 'node:timers/promises';
import { isFinal } from '../domain/run.ts';
import type { RunStore } from '../ports/store.ts';
import { toRunView } from './run-view.ts';

const pollMilliseconds = 500;
const linesAtOnce = 500;
/** Proxies close connections that stay silent. */
const silenceMilliseconds = 15_000;

/**
 * A run as server-sent events: `log` (a line; its id is the sequence, by which a reader resumes), `run` (the run's view, whenever it
 * has changed) and, when all was told, `end`.
 */
export async function* runEvents(
  runs: RunStore,
  id: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let told = '';
  let spokeAt = Date.now();
  yield 'retry: 2000\n\n';
  while (!signal.aborted) {
    // The run before its log: what was written before its end is then in what is read here.
    const run = await runs.get(id);
    if (!run) return;
    const lines = await runs.log(id, after, linesAtOnce);
    const events = lines.map((line) => `id: ${line.sequence}\n${event('log', line)}`);
    after = lines.at(-1)?.sequence ?? after;
    const all = lines.length < linesAtOnce;
    const view = event('run', toRunView(run));
    if (all && view !== told) {
      told = view;
      events.push(view);
    }
    if (all && isFinal(run.status)) events.push(event('end', {}));
    if (events.length === 0 && Date.now() - spokeAt > silenceMilliseconds) events.push(': still here\n\n');
    if (events.length > 0) {
      spokeAt = Date.now();
      yield events.join('');
    }
    if (!all) continue;
    if (isFinal(run.status)) return;
    await sleep(pollMilliseconds, undefined, { signal }).catch(() => undefined);
  }
}

function event(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
