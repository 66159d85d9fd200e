import type { Kysely } from 'kysely';
import { isFinal, type Run } from '../../domain/run.ts';
import type { RunStore } from '../../ports/store.ts';
import { storableJson } from './storable-text.ts';
import type { Tables } from './tables.ts';

/**
 * A run is one document, written whole under its lease; the columns beside it are what is searched for, and the wishes that
 * others may write while a worker has the lease.
 */
export function createRunStore(db: Kysely<Tables>): RunStore {
  const readRun = ({ document, cancel_reason }: { document: string; cancel_reason: string | null }): Run => ({
    ...(JSON.parse(document) as Run),
    cancelReason: cancel_reason ?? undefined,
  });

  return {
    async create(run) {
      const row = {
        ...columnsOf(run),
        id: run.id,
        cancel_reason: run.cancelReason ?? null,
        lease_owner: null,
        lease_until: 0,
        told_at: null,
      };
      const result = await db
        .insertInto('runs')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return result.numInsertedOrUpdatedRows === 0n ? 'exists' : 'created';
    },

    async get(id) {
      const row = await db
        .selectFrom('runs')
        .select(['document', 'cancel_reason'])
        .where('id', '=', id)
        .executeTakeFirst();
      return row && readRun(row);
    },

    async list({ kind, repository, channel, pullRequest, headSha, live, limit = 100 }) {
      let query = db
        .selectFrom('runs')
        .select(['document', 'cancel_reason'])
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit);
      if (kind !== undefined) query = query.where('kind', '=', kind);
      if (repository !== undefined) query = query.where('repository', '=', repository);
      if (channel !== undefined) query = query.where('channel', '=', channel);
      if (pullRequest !== undefined) query = query.where('pull_request', '=', pullRequest);
      if (headSha !== undefined) query = query.where('head_sha', '=', headSha);
      if (live) query = query.where('status', 'in', ['queued', 'running']);
      return (await query.execute()).map(readRun);
    },

    async lease(id, worker, milliseconds) {
      const now = Date.now();
      const taken = await db
        .updateTable('runs')
        .set({ lease_owner: worker, lease_until: now + milliseconds })
        .where('id', '=', id)
        .where('status', 'in', ['queued', 'running'])
        .where('lease_until', '<', now)
        .returning(['document', 'cancel_reason'])
        .executeTakeFirst();
      return taken && readRun(taken);
    },

    async renew(id, worker, milliseconds) {
      const now = Date.now();
      const result = await db
        .updateTable('runs')
        .set({ lease_until: now + milliseconds })
        .where('id', '=', id)
        .where('lease_owner', '=', worker)
        .where('lease_until', '>=', now)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    async save(run, worker) {
      const result = await db
        .updateTable('runs')
        .set(columnsOf(run))
        .where('id', '=', run.id)
        .where('lease_owner', '=', worker)
        .where('lease_until', '>=', Date.now())
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    async release(id, worker) {
      await db
        .updateTable('runs')
        .set({ lease_owner: null, lease_until: 0 })
        .where('id', '=', id)
        .where('lease_owner', '=', worker)
        .execute();
    },

    async requestCancel(id, reason) {
      const result = await db
        .updateTable('runs')
        .set({ cancel_reason: reason, wake_at: Date.now() })
        .where('id', '=', id)
        .where('cancel_reason', 'is', null)
        .where('status', 'in', ['queued', 'running'])
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    async cancelReason(id) {
      const row = await db.selectFrom('runs').select('cancel_reason').where('id', '=', id).executeTakeFirst();
      return row?.cancel_reason ?? undefined;
    },

    async due(now, limit) {
      const rows = await db
        .selectFrom('runs')
        .select('id')
        .where('wake_at', '<=', now)
        .where('lease_until', '<', now)
        .where('status', 'in', ['queued', 'running'])
        .orderBy('wake_at')
        .limit(limit)
        .execute();
      return rows.map(({ id }) => id);
    },

    async untold(limit) {
      const rows = await db
        .selectFrom('runs')
        .select('id')
        .where('told_at', 'is', null)
        .where('status', 'not in', ['queued', 'running'])
        .orderBy('created_at')
        .limit(limit)
        .execute();
      return rows.map(({ id }) => id);
    },

    async told(id) {
      await db.updateTable('runs').set({ told_at: Date.now() }).where('id', '=', id).execute();
    },

    async appendLog(id, lines) {
      if (lines.length === 0) return;
      await db.transaction().execute(async (trx) => {
        const last = await trx
          .selectFrom('log_lines')
          .select(({ fn }) => fn.max('sequence').as('sequence'))
          .where('run_id', '=', id)
          .executeTakeFirst();
        const first = Number(last?.sequence ?? 0) + 1;
        const rows = lines.map((line, index) => ({
          run_id: id,
          sequence: first + index,
          at: line.at,
          stage: line.stage,
          text: line.text,
        }));
        await trx.insertInto('log_lines').values(rows).execute();
      });
    },

    async log(id, after, limit) {
      return db
        .selectFrom('log_lines')
        .select(['sequence', 'at', 'stage', 'text'])
        .where('run_id', '=', id)
        .where('sequence', '>', after)
        .orderBy('sequence')
        .limit(limit)
        .execute();
    },
  };
}

function columnsOf(run: Run) {
  return {
    kind: run.kind,
    repository: run.repository,
    channel: run.channel,
    pull_request: run.pullRequest ?? null,
    head_sha: run.headSha,
    status: run.status,
    created_at: run.createdAt,
    wake_at: isFinal(run.status) ? null : (run.wakeAt ?? run.createdAt),
    document: storableJson(run),
  };
}
