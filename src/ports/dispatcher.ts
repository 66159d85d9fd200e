export const wakeKinds = ['run', 'delivery', 'report'] as const;

/** What a worker is woken up for. */
export interface Wakeup {
  wake: (typeof wakeKinds)[number];
  id: string;
}

/** Wake-ups may come late, twice or never: the sweeper derives them anew from the store. */
export interface Dispatcher {
  wake(wakeup: Wakeup, delayMilliseconds?: number): Promise<void>;
}
