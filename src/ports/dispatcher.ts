/** What a worker is woken up for. */
export type Wakeup = { wake: 'run'; id: string } | { wake: 'delivery'; id: string } | { wake: 'report'; id: string };

/** Wake-ups may come late, twice or never: the sweeper derives them anew from the store. */
export interface Dispatcher {
  wake(wakeup: Wakeup, delayMilliseconds?: number): Promise<void>;
}
