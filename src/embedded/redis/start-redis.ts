import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { FairwayError, messageOf } from '../../domain/errors.ts';
import { findOwnProcess } from './own-process.ts';

export interface RedisOptions {
  /** Holds its data, its configuration and its log; the same folder continues where it was. */
  directory: string;
  /** The program, and what its environment needs. */
  server: { file: string; env: Record<string, string> };
  /** How long it may take to answer, in milliseconds. */
  deadline?: number;
}

export interface EmbeddedRedis {
  /** A unix socket. */
  path: string;
  password: string;
  /** Ends it in order, with its data on disk. */
  stop(): Promise<void>;
}

interface Place {
  directory: string;
  config: string;
  pidFile: string;
  socket: string;
  password: string;
}

const lookEveryMs = 1_000;

/**
 * Starts a redis-server of our own, or takes over the one that a killed Fairway left in this folder. It keeps its data in an
 * append-only file and listens on a unix socket only, with a random password that no command line shows. One that dies is started
 * again.
 */
export async function startRedis({ directory, server, deadline = 20_000 }: RedisOptions): Promise<EmbeddedRedis> {
  const place = await preparePlace(resolve(directory));
  const signal = AbortSignal.timeout(deadline);
  const left = await findOwnProcess(place.pidFile, place.config);
  if (left !== undefined && !(await answers(place, AbortSignal.any([signal, AbortSignal.timeout(5_000)])))) {
    // Two servers on one append-only file would destroy it.
    await endProcess(left, 'SIGKILL', signal);
  }
  const start = async (until: AbortSignal): Promise<void> => {
    if (!(await ping(place))) await launch(place, server, until);
  };
  await start(signal);
  const watch = keepUp(async () => {
    if ((await findOwnProcess(place.pidFile, place.config)) === undefined) await start(AbortSignal.timeout(deadline));
  });
  const end = async (): Promise<void> => {
    await watch.end();
    await stop(place);
  };
  return { path: place.socket, password: place.password, stop: end };
}

/** Looks again and again; what fails is tried at the next look. */
function keepUp(look: () => Promise<void>): { end(): Promise<void> } {
  let looking: Promise<void> = Promise.resolve();
  let idle = true;
  const timer = setInterval(() => {
    if (!idle) return;
    idle = false;
    looking = look()
      .catch(() => undefined)
      .finally(() => {
        idle = true;
      });
  }, lookEveryMs);
  timer.unref();
  return {
    async end() {
      clearInterval(timer);
      await looking;
    },
  };
}

async function preparePlace(directory: string): Promise<Place> {
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o700);
  const config = join(directory, 'redis.conf');
  const pidFile = join(directory, 'redis.pid');
  const password = (await passwordIn(config)) ?? randomBytes(32).toString('base64url');
  // A socket's path ends at 103 bytes on macOS and 107 on Linux.
  const near = join(directory, 'redis.sock');
  const short = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  const socket = Buffer.byteLength(near) < 100 ? near : join(tmpdir(), `fairway-redis-${short}.sock`);
  const place = { directory, config, pidFile, socket, password };
  const file = await open(config, 'w', 0o600);
  await file.chmod(0o600);
  await file.writeFile(configuration(place));
  await file.close();
  return place;
}

async function passwordIn(config: string): Promise<string | undefined> {
  const text = await readFile(config, 'utf8').catch(() => '');
  return /^requirepass (\S+)$/m.exec(text)?.[1];
}

function configuration({ directory, pidFile, socket, password }: Place): string {
  return [
    'port 0',
    `unixsocket ${JSON.stringify(socket)}`,
    'unixsocketperm 700',
    `requirepass ${password}`,
    `dir ${JSON.stringify(directory)}`,
    `pidfile ${JSON.stringify(pidFile)}`,
    `logfile ${JSON.stringify(join(directory, 'redis.log'))}`,
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'maxmemory-policy noeviction',
    // Its command line stays as it was started, so that we know it again by its configuration file.
    'set-proc-title no',
    'daemonize no',
    '',
  ].join('\n');
}

async function launch(place: Place, server: RedisOptions['server'], signal: AbortSignal): Promise<void> {
  // A process group of its own: Ctrl-C in a terminal is for us, and we stop it in order.
  const child = spawn(server.file, [place.config], {
    cwd: place.directory,
    env: { ...process.env, ...server.env },
    detached: true,
    stdio: 'ignore',
  });
  const failed = new AbortController();
  let fault = '';
  child.once('error', (error) => {
    fault = messageOf(error);
    failed.abort();
  });
  child.once('exit', (code, killedBy) => {
    fault = `it ended with ${killedBy ?? `exit code ${code}`}`;
    failed.abort();
  });
  child.unref();
  if (await answers(place, AbortSignal.any([signal, failed.signal]))) return;
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  const lastWords = (await readFile(join(place.directory, 'redis.log'), 'utf8').catch(() => ''))
    .trim()
    .split('\n')
    .slice(-3);
  const what = fault === '' ? 'it did not answer in time' : fault;
  throw new FairwayError(
    'unavailable',
    `redis-server (${server.file}) did not start: ${what}\n${lastWords.join('\n')}`.trim(),
  );
}

async function answers(place: Place, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if (await ping(place)) return true;
    await sleep(50, undefined, { signal }).catch(() => undefined);
  }
  return false;
}

async function ping(place: Place): Promise<boolean> {
  return withClient(place, async (client) => (await client.ping()) === 'PONG').catch(() => false);
}

async function withClient<T>({ socket, password }: Place, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis({
    path: socket,
    password,
    lazyConnect: true,
    connectTimeout: 1_000,
    commandTimeout: 1_000,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    client.disconnect();
  }
}

async function stop(place: Place): Promise<void> {
  const pid = await findOwnProcess(place.pidFile, place.config);
  if (pid === undefined) return;
  const gone = await endProcess(pid, 'SIGTERM', AbortSignal.timeout(10_000));
  if (!gone) await endProcess(pid, 'SIGKILL', AbortSignal.timeout(5_000));
}

async function endProcess(pid: number, how: 'SIGTERM' | 'SIGKILL', signal: AbortSignal): Promise<boolean> {
  const running = (): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  if (running()) process.kill(pid, how);
  while (running() && !signal.aborted) await sleep(20, undefined, { signal }).catch(() => undefined);
  return !running();
}
