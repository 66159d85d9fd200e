import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import pg from 'pg';

export interface TemporaryPostgres {
  url: string;
  /** Ends it, and all connections to it; its data stay. */
  halt(): Promise<void>;
  /** Starts it again after a halt. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A real Postgres of the machine's own binaries on a port of its own, for tests; undefined where there are none. `durable`: a
 * commit is on disk before it is answered, as in production.
 */
export async function startTemporaryPostgres({ durable = false } = {}): Promise<TemporaryPostgres | undefined> {
  const binaries = postgresBinaries();
  if (binaries === undefined) return undefined;
  const directory = await mkdtemp(join(tmpdir(), 'fairway-postgres-'));
  // Postgres refuses to run as root.
  const user = process.getuid?.() === 0 ? await unprivilegedUser() : undefined;
  if (user) await chown(directory, user.uid, user.gid);
  const data = join(directory, 'data');
  await execa(join(binaries, 'initdb'), ['-D', data, '-U', 'fairway', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...user,
    cwd: directory,
  });
  const port = await freePort();
  const fsync = `fsync=${durable ? 'on' : 'off'}`;
  const options = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', directory, '-c', fsync];
  const launch = () => spawn(join(binaries, 'postgres'), options, { ...user, cwd: directory, stdio: 'ignore' });
  let server = launch();
  const url = `postgres://fairway@127.0.0.1:${port}/postgres`;
  const halt = async (): Promise<void> => {
    const exited = server.exitCode === null ? new Promise((resolve) => server.once('exit', resolve)) : undefined;
    server.kill('SIGINT');
    await exited;
  };
  const stop = async (): Promise<void> => {
    await halt();
    await rm(directory, { recursive: true, force: true });
  };
  const resume = async (): Promise<void> => {
    server = launch();
    await untilAnswering(url);
  };
  try {
    await untilAnswering(url);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, halt, resume, stop };
}

function postgresBinaries(): string | undefined {
  const root = '/usr/lib/postgresql';
  try {
    const newest = readdirSync(root).sort((a, b) => Number(b) - Number(a))[0];
    return newest === undefined ? undefined : join(root, newest, 'bin');
  } catch {
    return undefined;
  }
}

async function unprivilegedUser(): Promise<{ uid: number; gid: number }> {
  const id = async (flag: string): Promise<number> => Number((await execa('id', [flag, 'postgres'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

async function untilAnswering(url: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
