import type { Dispatcher } from '../ports/dispatcher.ts';
import type { Store } from '../ports/store.ts';

/** Derives every wake-up that may have been lost from the store, so that losing the queue loses nothing. */
export async function sweep(store: Store, dispatcher: Dispatcher): Promise<void> {
  for (const { id } of await store.deliveries.pending(500)) await dispatcher.wake({ wake: 'delivery', id });
  for (const id of await store.runs.due(Date.now(), 500)) await dispatcher.wake({ wake: 'run', id });
  for (const id of await store.runs.untold(500)) await dispatcher.wake({ wake: 'report', id });
}
