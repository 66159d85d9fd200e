import type { Kysely } from 'kysely';
import type { Delivery, DeliveryStore } from '../../ports/store.ts';
import { GroupCommit } from './group-commit.ts';
import type { Tables } from './tables.ts';

type Row = Pick<Tables['deliveries'], 'id' | 'event' | 'payload' | 'received_at'>;

export function createDeliveryStore(db: Kysely<Tables>): DeliveryStore {
  const columns = ['id', 'event', 'payload', 'received_at'] as const;
  const toDelivery = ({ received_at, ...row }: Row): Delivery => ({ ...row, receivedAt: received_at });
  const receiving = new GroupCommit<Delivery, 'new' | 'duplicate'>(
    (deliveries) => insert(db, deliveries),
    ({ payload }) => payload.length,
  );
  return {
    receive: (delivery) => receiving.add(delivery),
    async pending(limit) {
      const rows = await db
        .selectFrom('deliveries')
        .select(columns)
        .where('finished_at', 'is', null)
        .where(({ eb, or }) => or([eb('retry_at', 'is', null), eb('retry_at', '<=', Date.now())]))
        .orderBy('received_at')
        .limit(limit)
        .execute();
      return rows.map(toDelivery);
    },
    async get(id) {
      const row = await db
        .selectFrom('deliveries')
        .select(columns)
        .where('id', '=', id)
        .where('finished_at', 'is', null)
        .executeTakeFirst();
      return row && toDelivery(row);
    },
    async postpone(id, until) {
      await db.updateTable('deliveries').set({ retry_at: until }).where('id', '=', id).execute();
    },
    async finish(id, result) {
      await db.updateTable('deliveries').set({ finished_at: Date.now(), result }).where('id', '=', id).execute();
    },
    async unknown(ids) {
      if (ids.length === 0) return [];
      const rows = await db.selectFrom('deliveries').select('id').where('id', 'in', ids).execute();
      const known = new Set(rows.map(({ id }) => id));
      return ids.filter((id) => !known.has(id));
    },
    async recent(limit) {
      const rows = await db
        .selectFrom('deliveries')
        .select(['id', 'event', 'received_at', 'finished_at', 'result'])
        .orderBy('received_at', 'desc')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(({ received_at, finished_at, ...row }) => ({
        ...row,
        receivedAt: received_at,
        finishedAt: finished_at ?? undefined,
        result: row.result ?? undefined,
      }));
    },
  };
}

async function insert(db: Kysely<Tables>, deliveries: readonly Delivery[]): Promise<('new' | 'duplicate')[]> {
  const rows = await db
    .insertInto('deliveries')
    .values(deliveries.map(({ id, event, payload, receivedAt }) => ({ id, event, payload, received_at: receivedAt })))
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .execute();
  const inserted = new Set(rows.map(({ id }) => id));
  // An id that comes twice within a group is new once.
  return deliveries.map(({ id }) => (inserted.delete(id) ? 'new' : 'duplicate'));
}
