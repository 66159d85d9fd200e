import type { Kysely } from 'kysely';
import { type Cluster, cluster } from '../../domain/cluster.ts';
import type { ClusterRegistry } from '../../ports/cluster-registry.ts';
import { storableJson } from './storable-text.ts';
import type { Tables } from './tables.ts';

/** The registry kept in the store, for those who have none of their own. */
export function createClusterStore(db: Kysely<Tables>): ClusterRegistry {
  const get = async (id: string): Promise<Cluster | undefined> => {
    const row = await db.selectFrom('clusters').select('document').where('id', '=', id).executeTakeFirst();
    return row && cluster.parse(JSON.parse(row.document));
  };
  const put = async (record: Cluster): Promise<'created' | 'updated'> => {
    const existed = await get(record.id);
    const row = columnsOf(record);
    await db
      .insertInto('clusters')
      .values({ id: record.id, ...row })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
    return existed ? 'updated' : 'created';
  };
  return {
    get,
    put,
    async list(filter = {}) {
      let query = db.selectFrom('clusters').select('document').orderBy('created_at').orderBy('id');
      if (filter.channel !== undefined) query = query.where('channel', '=', filter.channel);
      return (await query.execute()).map(({ document }) => cluster.parse(JSON.parse(document)));
    },
    async update(id, change) {
      for (;;) {
        const before = await db.selectFrom('clusters').select('document').where('id', '=', id).executeTakeFirst();
        if (!before) return undefined;
        const changed = change(cluster.parse(JSON.parse(before.document)));
        const { numUpdatedRows } = await db
          .updateTable('clusters')
          .set(columnsOf(changed))
          .where('id', '=', id)
          .where('document', '=', before.document)
          .executeTakeFirst();
        if (numUpdatedRows > 0n) return changed;
      }
    },
    async remove(id) {
      const result = await db.deleteFrom('clusters').where('id', '=', id).executeTakeFirst();
      return result.numDeletedRows > 0n ? 'removed' : 'absent';
    },
  };
}

function columnsOf(record: Cluster) {
  return { channel: record.channel, created_at: record.created_at, document: storableJson(record) };
}
