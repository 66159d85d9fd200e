import { isFinal } from '../domain/run.ts';
import type { Dispatcher } from '../ports/dispatcher.ts';
import type { Store } from '../ports/store.ts';

/** The report key under which it is noted that a run's end has been told completely. */
export const reportedKey = (runId: string): string => `run/${runId}`;

/** Derives every wake-up that may have been lost from the store, so that losing the queue loses nothing. */
export async function sweep(store: Store, dispatcher: Dispatcher): Promise<void> {
  for (const { id } of await store.deliveries.pending(500)) await dispatcher.wake({ wake: 'delivery', id });
  for (const id of await store.runs.due(Date.now(), 500)) await dispatcher.wake({ wake: 'run', id });
  for (const run of await store.runs.list({ limit: 200 })) {
    if (isFinal(run.status) && (await store.reports.last(reportedKey(run.id))) !== 'told')
      await dispatcher.wake({ wake: 'report', id: run.id });
  }
}
