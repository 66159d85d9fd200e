import type { Kysely } from 'kysely';
import type { ReportStore } from '../../ports/store.ts';
import type { Tables } from './tables.ts';

export function createReportStore(db: Kysely<Tables>): ReportStore {
  return {
    async last(key) {
      return (await db.selectFrom('reports').select('content').where('key', '=', key).executeTakeFirst())?.content;
    },
    async sent(key, content) {
      await db
        .insertInto('reports')
        .values({ key, content })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ content }))
        .execute();
    },
  };
}
