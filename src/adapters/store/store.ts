import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Dialect, Kysely, PostgresDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { FairwayError, messageOf } from '../../domain/errors.ts';
import type { Store } from '../../ports/store.ts';
import { createAuditStore } from './audit-store.ts';
import { createChannelStore } from './channel-store.ts';
import { createClusterStore } from './cluster-store.ts';
import { createDeliveryStore } from './delivery-store.ts';
import { createEvidenceStore } from './evidence-store.ts';
import { migrationProvider } from './migrations.ts';
import { nodeSqliteDialect } from './node-sqlite.ts';
import { type PoolOptions, postgresPool, withoutPassword } from './postgres-pool.ts';
import { createReportStore } from './report-store.ts';
import { createRunStore } from './run-store.ts';
import { createSessionStore } from './session-store.ts';
import { StorableText } from './storable-text.ts';
import type { Tables } from './tables.ts';
import { createTrustStore } from './trust-store.ts';

/** Opens the store at `sqlite:///absolute/path` (file: URL) or `postgres://…`, and brings its schema up to date. */
export async function openStore(url: string, options: PoolOptions = {}): Promise<Store> {
  const db = new Kysely<Tables>({ dialect: await dialectFor(url, options), plugins: [new StorableText()] });
  const { error } = await new Migrator({ db, provider: migrationProvider }).migrateToLatest();
  if (error !== undefined) {
    await db.destroy();
    throw new FairwayError(
      'unavailable',
      `can't bring the store at ${withoutPassword(url)} up to date: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
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

async function dialectFor(url: string, options: PoolOptions): Promise<Dialect> {
  if (url.startsWith('file:')) {
    const path = fileURLToPath(url);
    await mkdir(dirname(path), { recursive: true });
    return nodeSqliteDialect(path);
  }
  if (!/^postgres(ql)?:\/\//.test(url)) {
    const scheme = url.split(':')[0];
    throw new FairwayError('refused', `the store's URL must begin with file: or postgres:, not "${scheme}:"`);
  }
  return new PostgresDialect({ pool: await postgresPool(url, options) });
}
