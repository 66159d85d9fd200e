import type { Kysely } from 'kysely';
import type { SessionStore } from '../../ports/store.ts';
import type { Tables } from './tables.ts';

export function createSessionStore(db: Kysely<Tables>): SessionStore {
  return {
    async begin({ idHash, credential, begunAt, usedAt }) {
      const row = { id_hash: idHash, credential, begun_at: begunAt, used_at: usedAt };
      await db.insertInto('sessions').values(row).execute();
    },
    async find(idHash) {
      const row = await db.selectFrom('sessions').selectAll().where('id_hash', '=', idHash).executeTakeFirst();
      return row && { idHash, credential: row.credential, begunAt: row.begun_at, usedAt: row.used_at };
    },
    async used(idHash, at) {
      await db.updateTable('sessions').set({ used_at: at }).where('id_hash', '=', idHash).execute();
    },
    async end(idHash) {
      await db.deleteFrom('sessions').where('id_hash', '=', idHash).execute();
    },
    async forget({ begunBefore, usedBefore }) {
      await db
        .deleteFrom('sessions')
        .where(({ eb, or }) => or([eb('begun_at', '<', begunBefore), eb('used_at', '<', usedBefore)]))
        .execute();
    },
  };
}
