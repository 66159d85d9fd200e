import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import type { Logger } from 'pino';
import { FairwayError, messageOf } from '../domain/errors.ts';
import type { Dispatcher, Wakeup } from '../ports/dispatcher.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { connectRedis, type RedisAddress } from './redis-client.ts';

/** One per kind: when the forge hangs and reports wait for it, runs go on. */
export function queueName(wake: Wakeup['wake']): string {
  return `fairway-${wake}`;
}

export interface DispatcherOptions {
  redis: RedisAddress;
  log: Logger;
  metrics: Pick<Metrics, 'wakeup'>;
}

/** How long a wake-up may take, in milliseconds. */
const patience = 2_000;
/** More than these aren't kept in memory while Redis is away. */
const mostInFlight = 1_000;

/**
 * Sends wake-ups. `wake` rejects with a FairwayError `unavailable` within 2 s while Redis is away: nothing is lost, since the
 * sweeper derives it anew.
 */
export function connectDispatcher({ redis, log, metrics }: DispatcherOptions): {
  dispatcher: Dispatcher;
  /** Rejects when Redis does not answer. */
  ask(): Promise<void>;
  close(): Promise<void>;
} {
  const link = connectRedis(redis, 'dispatcher');
  const open = (wake: Wakeup['wake']): Queue<Wakeup> => {
    const queue = new Queue<Wakeup>(queueName(wake), { connection: link.client, skipMetasUpdate: true });
    queue.on('error', (error) => log.warn({ err: error }, 'Redis is away; wake-ups wait for the sweeper'));
    return queue;
  };
  const queues = { run: open('run'), delivery: open('delivery'), report: open('report') };
  const sender = randomUUID();
  let inFlight = 0;

  const add = async (wakeup: Wakeup, delay: number): Promise<void> => {
    if (inFlight >= mostInFlight)
      throw new FairwayError('unavailable', `${mostInFlight} wake-ups already wait for Redis`);
    inFlight++;
    const { wake } = wakeup;
    const sent = queues[wake].add(wake, wakeup, optionsFor(wakeup, delay, sender)).finally(() => inFlight--);
    await new Promise<unknown>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new FairwayError('unavailable', `Redis did not take a wake-up within ${patience / 1000} s`)),
        patience,
      ).unref();
      sent.then(resolve, reject).finally(() => clearTimeout(late));
    });
  };

  return {
    dispatcher: {
      async wake(wakeup, delayMilliseconds = 0) {
        try {
          await add(wakeup, delayMilliseconds);
          metrics.wakeup(wakeup.wake, 'sent');
        } catch (error) {
          metrics.wakeup(wakeup.wake, 'lost');
          if (error instanceof FairwayError) throw error;
          throw new FairwayError('unavailable', `Redis refused a wake-up: ${messageOf(error)}`, { cause: error });
        }
      },
    },
    async ask() {
      // A question to a lost connection would wait until there is another.
      if (link.client.status !== 'ready') throw new FairwayError('unavailable', 'Redis is not connected');
      await link.client.ping();
    },
    async close() {
      link.disconnect();
      await Promise.allSettled(Object.values(queues).map((queue) => queue.close()));
    },
  };
}

/**
 * At most one wake-up "now" and one "later" wait per subject. One that comes while its like is being worked on is kept and
 * follows it, because the worker may have read the state before it changed. Two kinds, so that a "later" never pushes a "now" aside.
 * Each sender for itself: what a killed worker was at counts as being worked on for up to a minute, and would hold back all others.
 */
function optionsFor({ wake, id }: Wakeup, delay: number, sender: string) {
  return {
    delay,
    deduplication: {
      id: `${wake}-${id}-${delay > 0 ? 'later' : 'now'}-${sender}`,
      replace: true,
      keepLastIfActive: true,
    },
    attempts: 4,
    backoff: { type: 'exponential', delay: 1_000 },
    removeOnComplete: true,
    removeOnFail: true,
  };
}
