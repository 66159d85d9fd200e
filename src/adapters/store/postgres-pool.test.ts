import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { messageOf } from '../../domain/errors.ts';
import { startTemporaryPostgres, type TemporaryPostgres } from '../../embedded/postgres/temporary-postgres.ts';
import { postgresPool } from './postgres-pool.ts';
import { openStore } from './store.ts';

async function withPostgres(t: Test): Promise<TemporaryPostgres | undefined> {
  const postgres = await startTemporaryPostgres();
  if (postgres === undefined) t.comment('SKIPPED: no Postgres binaries on this machine; apt-get install postgresql');
  else t.teardown(() => postgres.stop());
  return postgres;
}

t.test('a Postgres that restarts in mid-transaction ends that transaction, and not this process', async (t) => {
  const postgres = await withPostgres(t);
  if (postgres === undefined) return;
  const pool = await postgresPool(postgres.url, {});
  const client = await pool.connect();
  await client.query('BEGIN');
  const ended = new Promise((resolve) => client.once('end', resolve));
  await postgres.halt();
  await ended;
  t.match(await client.query('SELECT 1').catch(messageOf), /not queryable|terminated|closed/);
  client.release(true);
  t.match(await pool.query('SELECT 1').catch(messageOf), /ECONNREFUSED/);
  await postgres.resume();
  t.strictSame((await pool.query('SELECT 1 AS one')).rows, [{ one: 1 }]);
  await pool.end();
});

t.test('a store whose Postgres is still starting is waited for, for a while', async (t) => {
  const postgres = await withPostgres(t);
  if (postgres === undefined) return;
  await postgres.halt();
  const told: string[] = [];
  const report = (line: string) => void told.push(line);
  const opening = openStore(postgres.url, { report, patience: 120_000 });
  while (told.length === 0) await sleep(20);
  await postgres.resume();
  await (await opening).close();
  t.match(told, [/^waiting for the store at postgres:\/\/127\.0\.0\.1:\d+\/postgres: .*ECONNREFUSED/]);
  await postgres.halt();
  await t.rejects(openStore(postgres.url, { report, patience: 1_000 }), {
    kind: 'unavailable',
    message: /^the store at postgres:\/\/127.* did not answer within 1 s: .*ECONNREFUSED/,
  });
  const stop = new AbortController();
  const stopped = openStore(postgres.url, { report, patience: 120_000, signal: stop.signal });
  stop.abort(new Error('Fairway is stopping'));
  await t.rejects(stopped, { message: 'Fairway is stopping' });
});

t.test('what no waiting mends is said at once', async (t) => {
  const postgres = await withPostgres(t);
  if (postgres === undefined) return;
  const url = postgres.url.replace(/postgres$/, 'absent').replace('fairway@', 'fairway:s3cret@');
  const error = await openStore(url, { report: (line) => t.fail(line) }).catch(messageOf);
  t.match(error, /^the store at postgres:\/\/127.*\/absent can not be used: database "absent" does not exist$/);
});
