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
    async takeTurn(subject, holder, milliseconds) {
      const now = Date.now();
      const turn = { holder, until: now + milliseconds };
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('turns')
        .values({ subject, ...turn })
        .onConflict((conflict) =>
          conflict
            .column('subject')
            .doUpdateSet(turn)
            .where(({ eb, or }) => or([eb('turns.until', '<', now), eb('turns.holder', '=', holder)])),
        )
        .executeTakeFirstOrThrow();
      return (numInsertedOrUpdatedRows ?? 0n) > 0n;
    },
    async endTurn(subject, holder) {
      await db.deleteFrom('turns').where('subject', '=', subject).where('holder', '=', holder).execute();
    },
  };
}
