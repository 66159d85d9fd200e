import type { Kysely } from 'kysely';
import type { EvidenceStore } from '../../ports/store.ts';
import type { Tables } from './tables.ts';

export function createEvidenceStore(db: Kysely<Tables>): EvidenceStore {
  return {
    async find(key) {
      const row = await db.selectFrom('evidence').selectAll().where('key', '=', key).executeTakeFirst();
      return row && { key, verdict: row.verdict, reason: row.reason, runId: row.run_id, at: row.at };
    },
    async keep({ key, verdict, reason, runId, at }) {
      const row = { verdict, reason, run_id: runId, at };
      await db
        .insertInto('evidence')
        .values({ key, ...row })
        .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
        .execute();
    },
  };
}
