import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { FairwayError, messageOf } from '../../domain/errors.ts';
import { hasCode } from '../clusters/error-code.ts';

export interface PoolOptions {
  /** Told once when a Postgres is waited for. */
  report?: (line: string) => void;
  /** How long that may take, in milliseconds; a minute unless told. */
  patience?: number;
  signal?: AbortSignal;
}

/** Connections to a Postgres that answers, and that may restart at any moment. Throws FairwayError `unavailable` where none does. */
export async function postgresPool(url: string, options: PoolOptions): Promise<pg.Pool> {
  const pool = new pg.Pool({ connectionString: url, max: 10, types: { getTypeParser } });
  // Idle connections that the server ends (a restart, a failover) are replaced by the pool; unheard, they would end this process.
  pool.on('error', () => {});
  // The pool listens to idle ones only: of one in use whoever asks it next is told.
  pool.on('connect', (client) => client.on('error', () => {}));
  try {
    await untilAnswering(pool, withoutPassword(url), options);
  } catch (error) {
    await pool.end();
    throw error;
  }
  return pool;
}

/** Postgres answers bigint as text, since it may exceed a double; ours are epoch milliseconds, which don't. */
const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as 'text');

/** Whoever starts both at once starts us before Postgres takes connections. */
async function untilAnswering(pool: pg.Pool, where: string, options: PoolOptions): Promise<void> {
  const { report = () => {}, patience = 60_000, signal } = options;
  const deadline = Date.now() + patience;
  for (let told = false; ; told = true) {
    try {
      await pool.query('SELECT 1');
      return;
    } catch (error) {
      if (!hasCode(error, ...notYet)) throw storeFailure(where, 'can not be used', error);
      if (Date.now() > deadline) throw storeFailure(where, `did not answer within ${patience / 1000} s`, error);
      if (!told) report(`waiting for the store at ${where}: ${messageOf(error)}`);
    }
    await sleep(retryMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}

const retryMs = 250;
/** Nobody listens there, its name is not known yet, or Postgres is starting or ending. */
const notYet = ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND', 'EAI_AGAIN', '57P01', '57P03'];

function storeFailure(where: string, what: string, cause: unknown): FairwayError {
  return new FairwayError('unavailable', `the store at ${where} ${what}: ${messageOf(cause)}`, { cause });
}

export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}
