import type { Kysely } from 'kysely';
import type { EvidenceStore } from '../../ports/store.ts';
import type { Tables } from './tables.ts';

export function createEvidenceStore(db: Kysely<Tables>): EvidenceStore {
  return {
    async find(key) {
      const row = await db
        .selectFrom('evidence')
        .selectAll()
        .where('key', '=', key)
        .orderBy('at', 'desc')
        .executeTakeFirst();
      if (!row) return undefined;
      const { base_tree: baseTree, run_id: runId, ...same } = row;
      return { ...same, baseTree, runId };
    },
    async keep({ key, branch, baseTree, runId, ...same }) {
      const row = { ...same, base_tree: baseTree, run_id: runId };
      await db
        .insertInto('evidence')
        .values({ key, branch, ...row })
        .onConflict((conflict) => conflict.columns(['key', 'branch']).doUpdateSet(row))
        .execute();
    },
    async provenBases(repository, branch, tree) {
      const rows = await db
        .selectFrom('evidence')
        .select('base_tree')
        .distinct()
        .where('repository', '=', repository)
        .where('branch', '=', branch)
        .where('tree', '=', tree)
        .where('verdict', '=', 'success')
        .execute();
      return rows.map((row) => row.base_tree);
    },
  };
}
