import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'bullmq';
import { type Wakeup, wakeKinds } from '../ports/dispatcher.ts';
import { type DispatcherOptions, queueName } from './dispatcher.ts';
import { connectRedis, type RedisLink } from './redis-client.ts';

export interface ConsumerOptions extends DispatcherOptions {
  /** Each may be called twice, late, or at once with itself for the same id. One that throws is called again a few times. */
  handlers: { [W in Wakeup['wake']]: (id: string) => Promise<void> };
  /** How many handlers of each kind run at a time. */
  concurrency: number;
}

/** How long handlers may go on when the consumer is closed, in milliseconds. */
const graceOnClose = 10_000;

/** Starts working off wake-ups. */
export function startConsumer(options: ConsumerOptions): { close(): Promise<void> } {
  const link = connectRedis(options.redis, 'worker');
  const workers = wakeKinds.map((wake) => startWorker(wake, link, options));
  const close = (force?: 'by force'): Promise<unknown> =>
    Promise.allSettled(workers.map((worker) => worker.close(force === 'by force')));
  return {
    async close() {
      // Without Redis BullMQ would wait for it to come back before it lets go.
      const orderly = link.client.status === 'ready' && (await within(graceOnClose, close()));
      if (!orderly) await within(1_000, close('by force'));
      link.disconnect();
    },
  };
}

function startWorker(
  wake: Wakeup['wake'],
  link: RedisLink,
  { handlers, concurrency, log, metrics }: ConsumerOptions,
): Worker<Wakeup> {
  const worker = new Worker<Wakeup>(queueName(wake), ({ data }) => handlers[data.wake](data.id), {
    connection: link.client,
    concurrency,
    // A wake-up is handled again whenever its worker was killed; that is no fault of the wake-up.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
  });
  worker.on('error', (error) => log.warn({ err: error }, "the worker can't reach Redis; the sweeper goes on"));
  worker.on('completed', ({ data }) => metrics.wakeup(data.wake, 'handled'));
  worker.on('failed', (job, error) => {
    if (!job) return;
    metrics.wakeup(job.data.wake, 'failed');
    const context = { err: error, ...job.data, attempt: job.attemptsMade, of: job.opts.attempts };
    log.error(context, 'a wake-up was not worked off');
  });
  return worker;
}

async function within(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  const done = work.then(
    () => true,
    () => true,
  );
  return Promise.race([done, sleep(milliseconds, false, { ref: false })]);
}
