import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { type SqliteDatabase, SqliteDialect } from 'kysely';
import { FairwayError, messageOf } from '../../domain/errors.ts';
import { hasCode } from '../clusters/error-code.ts';

/** Kysely's SQLite dialect over Node's own SQLite, in WAL mode: readers of other processes don't block the writer. */
export function nodeSqliteDialect(path: string): SqliteDialect {
  const database = open(path);
  return new SqliteDialect({ database: adapt(database) });
}

function open(path: string): DatabaseSync {
  try {
    makeOwn(path);
    const database = new DatabaseSync(path);
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON',
    );
    return database;
  } catch (error) {
    throw new FairwayError(
      'unavailable',
      `the store ${path} can't be opened: ${messageOf(error)}. If it is damaged, put it back from a backup; or move it aside, and an ` +
        'empty one is made: what was not finished is found again by asking the forge, what was proven is proven anew',
      { cause: error },
    );
  }
}

/**
 * SQLite would let others read the file, and what it keeps beside it. One that is there is not touched: to close a file drops all
 * locks that this process has on it, SQLite's own too.
 */
function makeOwn(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

function adapt(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(sql) {
      // A deferred transaction that reads first and writes later fails at once when another process wrote in between,
      // whatever the busy timeout; an immediate one waits for its turn.
      const statement = database.prepare(sql === 'begin' ? 'begin immediate' : sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...parameters.map(toInput)),
        run: (parameters) => statement.run(...parameters.map(toInput)),
        iterate: (parameters) => statement.iterate(...parameters.map(toInput)),
      };
    },
  };
}

function toInput(value: unknown): SQLInputValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value;
  throw new TypeError(`SQLite can't store a ${typeof value}`);
}
