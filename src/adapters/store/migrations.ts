import { type Kysely, sql } from 'kysely';
import type { Migration, MigrationProvider } from 'kysely/migration';
import { z } from 'zod';

/** Every change of the schema, in order; names never change once released. */
const migrations: Record<string, Migration> = {
  '2026-11-23-first': { up: first },
  '2026-11-25-told': { up: told },
  '2026-11-25-turns': { up: turns },
  '2026-11-26-steps-from-a-base': { up: stepsFromABase },
  '2026-11-26-when-to-retry': { up: whenToRetry },
  '2026-11-27-sessions': { up: sessions },
};

export const migrationProvider: MigrationProvider = { getMigrations: async () => migrations };

async function first(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('deliveries')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .addColumn('received_at', 'bigint', (column) => column.notNull())
    .addColumn('finished_at', 'bigint')
    .addColumn('result', 'text')
    .execute();
  await db.schema.createIndex('deliveries_pending').on('deliveries').columns(['finished_at', 'received_at']).execute();
  await db.schema
    .createTable('runs')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('repository', 'text', (column) => column.notNull())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('pull_request', 'integer')
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('wake_at', 'bigint')
    .addColumn('cancel_reason', 'text')
    .addColumn('lease_owner', 'text')
    .addColumn('lease_until', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('document', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('runs_due').on('runs').columns(['wake_at']).execute();
  await db.schema.createIndex('runs_subject').on('runs').columns(['repository', 'pull_request', 'channel']).execute();
  await db.schema
    .createTable('log_lines')
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('sequence', 'integer', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('stage', 'text', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('log_lines_key', ['run_id', 'sequence'])
    .execute();
  await db.schema
    .createTable('channels')
    .addColumn('repository', 'text', (column) => column.notNull())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('live_run', 'text')
    .addColumn('attempted_sha', 'text')
    .addColumn('converged_sha', 'text')
    .addColumn('converged_tree', 'text')
    .addColumn('converged_at', 'bigint')
    .addColumn('held', 'text')
    .addPrimaryKeyConstraint('channels_key', ['repository', 'channel'])
    .execute();
  await db.schema
    .createTable('evidence')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('verdict', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('reports')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('content', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('trust')
    .addColumn('repository', 'text', (column) => column.notNull())
    .addColumn('pull_request', 'integer', (column) => column.notNull())
    .addColumn('head_sha', 'text', (column) => column.notNull())
    .addColumn('approved_by', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('trust_key', ['repository', 'pull_request', 'head_sha'])
    .execute();
  await db.schema
    .createTable('clusters')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('document', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('audit')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('detail', 'text', (column) => column.notNull())
    .execute();
}

/** Which runs' ends the forge has heard of stood among the reports before. */
async function told(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('runs').addColumn('told_at', 'bigint').execute();
  await sql`update runs set told_at = created_at where exists (select 1 from reports where reports.key = 'run/' || runs.id)`.execute(
    db,
  );
  await db.schema.createIndex('runs_untold').on('runs').columns(['told_at', 'status']).execute();
}

async function turns(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('turns')
    .addColumn('subject', 'text', (column) => column.primaryKey())
    .addColumn('holder', 'text', (column) => column.notNull())
    .addColumn('until', 'bigint', (column) => column.notNull())
    .execute();
}

const documents = z.array(z.object({ id: z.string(), repository: z.string(), document: z.string() }));
const headOf = z.looseObject({ headSha: z.string() });

/**
 * Evidence that names no base proves nothing, so that none is kept. Repositories are known by one name, whatever the letters in which
 * deliveries spelled it: of two channels that differ in nothing else one stays, and what was trusted under another spelling is asked for
 * again.
 */
async function stepsFromABase(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('evidence').execute();
  await db.schema
    .createTable('evidence')
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('repository', 'text', (column) => column.notNull())
    .addColumn('branch', 'text', (column) => column.notNull())
    .addColumn('base_tree', 'text', (column) => column.notNull())
    .addColumn('tree', 'text', (column) => column.notNull())
    .addColumn('verdict', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('evidence_key', ['key', 'branch'])
    .execute();
  await db.schema.createIndex('evidence_steps').on('evidence').columns(['repository', 'branch', 'tree']).execute();
  await db.schema.alterTable('channels').addColumn('branch', 'text').execute();
  await db.schema
    .alterTable('runs')
    .addColumn('head_sha', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
  const { rows } = await sql`select id, repository, document from runs`.execute(db);
  for (const { id, repository, document } of documents.parse(rows)) {
    const run = headOf.parse(JSON.parse(document));
    const own = repository.toLowerCase();
    const renamed = JSON.stringify({ ...run, repository: own });
    await sql`update runs set head_sha = ${run.headSha}, repository = ${own}, document = ${renamed} where id = ${id}`.execute(
      db,
    );
  }
  await db.schema.createIndex('runs_head').on('runs').columns(['repository', 'head_sha']).execute();
  await sql`delete from channels where exists (select 1 from channels as other where lower(other.repository) = lower(channels.repository) and other.channel = channels.channel and other.repository > channels.repository)`.execute(
    db,
  );
  await sql`update channels set repository = lower(repository)`.execute(db);
  await sql`delete from trust where repository <> lower(repository)`.execute(db);
}

async function whenToRetry(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('deliveries').addColumn('retry_at', 'bigint').execute();
}

async function sessions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sessions')
    .addColumn('id_hash', 'text', (column) => column.primaryKey())
    .addColumn('credential', 'text', (column) => column.notNull())
    .addColumn('begun_at', 'bigint', (column) => column.notNull())
    .addColumn('used_at', 'bigint', (column) => column.notNull())
    .execute();
}
