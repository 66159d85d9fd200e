import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Dialect, Kysely, PostgresDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import { FairwayError, messageOf } from '../../domain/errors.ts';
import type { Store } from '../../ports/store.ts';
import { createAuditStore } from './audit-store.ts';
import { createChannelStore } from './channel-store.ts';
import { createClusterStore } from './cluster-store.ts';
import { createDeliveryStore } from './delivery-store.ts';
import { createEvidenceStore } from './evidence-store.ts';
import { migrationProvider } from './migrations.ts';
import { nodeSqliteDialect } from './node-sqlite.ts';
import { createReportStore } from './report-store.ts';
import { createRunStore } from './run-store.ts';
import { createSessionStore } from './session-store.ts';
import { StorableText } from './storable-text.ts';
import type { Tables } from './tables.ts';
import { createTrustStore } from './trust-store.ts';

/** Opens the store at `sqlite:///absolute/path` (file: URL) or `postgres://…`, and brings its schema up to date. */
export async function openStore(url: string): Promise<Store> {
  const db = new Kysely<Tables>({ dialect: await dialectFor(url), plugins: [new StorableText()] });
  const { error } = await new Migrator({ db, provider: migrationProvider }).migrateToLatest();
  if (error !== undefined) {
    await db.destroy();
    const where = url.replace(/\/\/[^@/]*@/, '//');
    throw new FairwayError('unavailable', `can't bring the store at ${where} up to date: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return {
    deliveries: createDeliveryStore(db),
    runs: createRunStore(db),
    channels: createChannelStore(db),
    evidence: createEvidenceStore(db),
    reports: createReportStore(db),
    trust: createTrustStore(db),
    clusters: createClusterStore(db),
    sessions: createSessionStore(db),
    audit: createAuditStore(db),
    close: () => db.destroy(),
  };
}

async function dialectFor(url: string): Promise<Dialect> {
  if (url.startsWith('file:')) {
    const path = fileURLToPath(url);
    await mkdir(dirname(path), { recursive: true });
    return nodeSqliteDialect(path);
  }
  if (!/^postgres(ql)?:\/\//.test(url)) {
    const scheme = url.split(':')[0];
    throw new FairwayError('refused', `the store's URL must begin with file: or postgres:, not "${scheme}:"`);
  }
  const pool = new pg.Pool({ connectionString: url, max: 10, types: { getTypeParser } });
  // Idle connections that the server ends (a restart, a failover) are replaced by the pool; unheard, they would end this process.
  pool.on('error', () => {});
  return new PostgresDialect({ pool });
}

/** Postgres answers bigint as text, since it may exceed a double; ours are epoch milliseconds, which don't. */
const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as 'text');
