import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Kysely, type SqliteDatabase, SqliteDialect } from 'kysely';
import type { ForgeTables } from './forge-tables.ts';

export type ForgeDatabase = Kysely<ForgeTables>;

/** Opens (and creates) the forge's database file; `destroy()` closes it. */
export function openForgeDatabase(file: string): ForgeDatabase {
  const database = new DatabaseSync(file);
  database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = 5000');
  database.exec(schema);
  return new Kysely<ForgeTables>({ dialect: new SqliteDialect({ database: asKyselyDatabase(database) }) });
}

/** Kysely speaks better-sqlite3's dialect of node:sqlite. */
function asKyselyDatabase(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...parameters.map(sqlValue)),
        run: (parameters) => statement.run(...parameters.map(sqlValue)),
        iterate: (parameters) => statement.iterate(...parameters.map(sqlValue)),
      };
    },
  };
}

function sqlValue(value: unknown): SQLInputValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
    return value;
  throw new TypeError(`SQLite can't hold a value of type ${typeof value}`);
}

const schema = `
create table if not exists users (
  id integer primary key, login text not null unique collate nocase, type text not null, permission text not null, createdAt text not null);
create table if not exists tokens (
  hash text primary key, userId integer not null references users, createdAt text not null) without rowid;
create table if not exists repositories (
  id integer primary key, ownerId integer not null references users, owner text not null collate nocase, name text not null collate nocase,
  description text not null, defaultBranch text not null, lastNumber integer not null default 0,
  createdAt text not null, updatedAt text not null, unique (owner, name));
create table if not exists collaborators (
  repositoryId integer not null references repositories, userId integer not null references users, permission text not null,
  primary key (repositoryId, userId)) without rowid;
create table if not exists announcedRefs (
  repositoryId integer not null references repositories, ref text not null, sha text not null,
  primary key (repositoryId, ref)) without rowid;
create table if not exists protections (
  repositoryId integer not null references repositories, branch text not null, strict integer not null, requiredChecks text,
  enforceAdmins integer not null, requiredApprovals integer, primary key (repositoryId, branch)) without rowid;
create table if not exists pulls (
  id integer primary key, repositoryId integer not null references repositories, number integer not null,
  authorId integer not null references users, title text not null, body text, state text not null, draft integer not null,
  headRef text not null, headSha text not null, baseRef text not null, baseSha text not null,
  mergedAt text, mergedById integer references users, mergeCommitSha text,
  createdAt text not null, updatedAt text not null, closedAt text, unique (repositoryId, number));
create unique index if not exists openPulls on pulls (repositoryId, headRef, baseRef) where state = 'open';
create table if not exists labels (
  id integer primary key, repositoryId integer not null references repositories, name text not null collate nocase,
  color text not null, description text, unique (repositoryId, name));
create table if not exists pullLabels (
  pullId integer not null references pulls, labelId integer not null references labels on delete cascade,
  primary key (pullId, labelId)) without rowid;
create table if not exists comments (
  id integer primary key, repositoryId integer not null references repositories, number integer not null,
  authorId integer not null references users, body text not null, createdAt text not null, updatedAt text not null);
create index if not exists commentsByNumber on comments (repositoryId, number);
create table if not exists reviews (
  id integer primary key, pullId integer not null references pulls, authorId integer not null references users,
  body text not null, state text not null, commitSha text not null, createdAt text not null);
create table if not exists statuses (
  id integer primary key, repositoryId integer not null references repositories, sha text not null, context text not null,
  state text not null, description text, targetUrl text, creatorId integer not null references users, createdAt text not null);
create index if not exists statusesBySha on statuses (repositoryId, sha, context);
create table if not exists checkRuns (
  id integer primary key, repositoryId integer not null references repositories, sha text not null, name text not null,
  externalId text not null, status text not null, conclusion text, detailsUrl text, title text, summary text, text text,
  startedAt text, completedAt text);
create index if not exists checkRunsBySha on checkRuns (repositoryId, sha, name);
create table if not exists deployments (
  id integer primary key, repositoryId integer not null references repositories, ref text not null, sha text not null,
  task text not null, environment text not null, description text, payload text not null,
  creatorId integer not null references users, createdAt text not null);
create table if not exists deploymentStatuses (
  id integer primary key, deploymentId integer not null references deployments, state text not null, description text not null,
  logUrl text not null, environmentUrl text not null, creatorId integer not null references users, createdAt text not null);
create table if not exists hooks (
  id integer primary key, repositoryId integer not null references repositories, url text not null, contentType text not null,
  secret text, events text not null, active integer not null, createdAt text not null, updatedAt text not null);
create table if not exists deliveries (
  id integer primary key, hookId integer not null references hooks on delete cascade, guid text not null, event text not null,
  action text, payload text not null, redelivery integer not null, state text not null, attempts integer not null default 0,
  nextAttemptAt integer not null, createdAt text not null, deliveredAt text, seconds real, status text, statusCode integer,
  responseHeaders text, responseBody text);
create index if not exists pendingDeliveries on deliveries (nextAttemptAt) where state = 'pending';
create index if not exists deliveriesByHook on deliveries (hookId, id);
`;
