import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { AuditLog } from '../../ports/store.ts';
import type { Tables } from './tables.ts';

/** Append-only: there is no call that changes or removes an entry. */
export function createAuditStore(db: Kysely<Tables>): AuditLog {
  return {
    async append(entry) {
      await db
        .insertInto('audit')
        .values({ id: randomUUID(), ...entry })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    async list(limit) {
      return db
        .selectFrom('audit')
        .select(['at', 'actor', 'action', 'subject', 'detail'])
        .orderBy('at', 'desc')
        .limit(limit)
        .execute();
    },
  };
}
