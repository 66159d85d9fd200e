import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { deliver } from './deliver-webhook.ts';
import type { ForgeDatabase } from './forge-database.ts';
import type { Row } from './forge-tables.ts';

export interface OutboxOptions {
  /** Waits before the second, third, … try, in milliseconds; GitHub itself tries once. */
  retryDelaysMs: number[];
  /** GitHub gives a receiver 10 s. */
  timeoutMs: number;
  log: Logger;
}

export interface WebhookEvent {
  event: string;
  action?: string;
  payload: object;
}

const AT_ONCE = 8;

/** Webhook deliveries that wait in the database until their receiver has taken them, or the tries are used up. */
export class Outbox {
  readonly #database: ForgeDatabase;
  readonly #options: OutboxOptions;
  readonly #stopped = new AbortController();
  readonly #underway = new Map<number, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(database: ForgeDatabase, options: OutboxOptions) {
    this.#database = database;
    this.#options = options;
  }

  /** Stores one delivery per active hook that wants the event. Pass the transaction of the change, then `wake()`. */
  async add(transaction: ForgeDatabase, repositoryId: number, event: WebhookEvent): Promise<void> {
    const hooks = await transaction
      .selectFrom('hooks')
      .selectAll()
      .where('repositoryId', '=', repositoryId)
      .where('active', '=', 1)
      .execute();
    for (const hook of hooks.filter((candidate) => wants(candidate, event.event))) {
      await this.addFor(transaction, hook.id, event);
    }
  }

  /** Stores a delivery for this very hook, whatever its events are. */
  async addFor(transaction: ForgeDatabase, hookId: number, event: WebhookEvent): Promise<number> {
    const { id } = await transaction
      .insertInto('deliveries')
      .values({
        ...pending(),
        hookId,
        guid: randomUUID(),
        event: event.event,
        action: event.action ?? null,
        payload: JSON.stringify(event.payload),
        redelivery: 0,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    return id;
  }

  /** The same delivery, guid and payload once more. */
  async redeliver(delivery: Row<'deliveries'>): Promise<void> {
    const { hookId, guid, event, action, payload } = delivery;
    await this.#database
      .insertInto('deliveries')
      .values({ ...pending(), hookId, guid, event, action, payload, redelivery: 1 })
      .execute();
    this.wake();
  }

  /** Drops what was delivered, or given up, before this time (milliseconds since the epoch). */
  async forgetDelivered(before: number): Promise<void> {
    await this.#database
      .deleteFrom('deliveries')
      .where('state', '!=', 'pending')
      .where('createdAt', '<', new Date(before).toISOString())
      .execute();
  }

  /** Looks for deliveries that are due, now and whenever the next one is. */
  wake(): void {
    this.#looking = this.#looking
      .then(() => this.#look())
      .catch((error: unknown) => {
        this.#options.log.error({ error }, 'the outbox could not be read');
      });
  }

  /** Ends; deliveries underway are cut off and stay stored as pending. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    clearTimeout(this.#timer);
    await this.#looking;
    await Promise.all(this.#underway.values());
  }

  async #look(): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    const room = AT_ONCE - this.#underway.size;
    const waiting = await this.#database
      .selectFrom('deliveries')
      .select(['id', 'nextAttemptAt'])
      .where('state', '=', 'pending')
      .orderBy('nextAttemptAt')
      .orderBy('id')
      .limit(AT_ONCE * 2)
      .execute();
    const idle = waiting.filter(({ id }) => !this.#underway.has(id));
    const due = idle.filter(({ nextAttemptAt }) => nextAttemptAt <= Date.now()).slice(0, room);
    for (const { id } of due) this.#start(id);
    const next = idle.find(({ nextAttemptAt }) => nextAttemptAt > Date.now());
    clearTimeout(this.#timer);
    if (next) this.#timer = setTimeout(() => this.wake(), Math.max(1, next.nextAttemptAt - Date.now()));
  }

  #start(id: number): void {
    const work = this.#attempt(id)
      .catch((error: unknown) =>
        this.#options.log.error({ error, delivery: id }, 'a webhook delivery could not be tried'),
      )
      .finally(() => {
        this.#underway.delete(id);
        this.wake();
      });
    this.#underway.set(id, work);
  }

  async #attempt(id: number): Promise<void> {
    const delivery = await this.#database
      .selectFrom('deliveries')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const hook = await this.#database
      .selectFrom('hooks')
      .selectAll()
      .where('id', '=', delivery.hookId)
      .executeTakeFirstOrThrow();
    const result = await deliver(
      hook,
      delivery,
      AbortSignal.any([AbortSignal.timeout(this.#options.timeoutMs), this.#stopped.signal]),
    );
    if (this.#stopped.signal.aborted && result.outcome === 'failed') return;
    const delay = result.outcome === 'failed' ? this.#options.retryDelaysMs[delivery.attempts] : undefined;
    await this.#database
      .updateTable('deliveries')
      .set({
        state: result.outcome === 'delivered' ? 'delivered' : delay === undefined ? 'failed' : 'pending',
        attempts: delivery.attempts + 1,
        nextAttemptAt: Date.now() + (delay ?? 0),
        deliveredAt: new Date().toISOString(),
        seconds: result.seconds,
        status: result.status,
        statusCode: result.statusCode,
        responseHeaders: JSON.stringify(result.headers),
        responseBody: result.body,
      })
      .where('id', '=', id)
      .execute();
  }
}

function pending() {
  return { state: 'pending' as const, nextAttemptAt: Date.now(), createdAt: new Date().toISOString() };
}

function wants(hook: Row<'hooks'>, event: string): boolean {
  const events: unknown = JSON.parse(hook.events);
  return Array.isArray(events) && (events.includes(event) || events.includes('*'));
}
