import type { Kysely } from 'kysely';
import type { TrustStore } from '../../ports/store.ts';
import type { Tables } from './tables.ts';

export function createTrustStore(db: Kysely<Tables>): TrustStore {
  return {
    async approve(repository, pullRequest, headSha, by) {
      const row = { repository, pull_request: pullRequest, head_sha: headSha, approved_by: by };
      await db
        .insertInto('trust')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    async approvedBy(repository, pullRequest, headSha) {
      const row = await db
        .selectFrom('trust')
        .select('approved_by')
        .where('repository', '=', repository)
        .where('pull_request', '=', pullRequest)
        .where('head_sha', '=', headSha)
        .executeTakeFirst();
      return row?.approved_by;
    },
  };
}
