import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';

/** What a program in a sandbox is to try. */
export interface Attempts {
  /** `127.0.0.1:80`, or `@name` of an abstract socket. */
  connect?: string[];
  list?: string[];
  read?: string[];
  write?: string[];
  /** Seconds that a process is to sleep on after this one's end. */
  leave?: string;
}

/** What came of each: an error's code, or what must not be. */
export interface Found {
  connect: Record<string, string>;
  list: Record<string, string>;
  read: Record<string, string>;
  write: Record<string, string>;
  environment: Record<string, string>;
  user: number;
  processes: number;
  privileges: string;
}

const wanted: Attempts = JSON.parse(process.argv[2] ?? '{}');
const found: Found = {
  connect: {},
  list: all(wanted.list, (path) => readdirSync(path).join(' ')),
  read: all(wanted.read, (path) => readFileSync(path, 'utf8')),
  write: all(wanted.write, (path) => {
    writeFileSync(path, 'x');
    return 'written';
  }),
  environment: { ...process.env } as Record<string, string>,
  user: process.getuid?.() ?? -1,
  processes: readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length,
  privileges: /CapEff:\s*(\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '',
};
for (const to of wanted.connect ?? []) found.connect[to] = await connecting(to);
if (wanted.leave !== undefined) spawn('/bin/sleep', [wanted.leave], { detached: true, stdio: 'ignore' }).unref();
process.stdout.write(JSON.stringify(found));

function connecting(to: string): Promise<string> {
  const [host = '', port] = to.split(':');
  const place = to.startsWith('@') ? { path: `\0${to.slice(1)}` } : { host, port: Number(port) };
  return new Promise((resolve) => {
    const socket = createConnection(place);
    socket.once('connect', () => resolve('connected'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

function all(paths: string[] = [], act: (path: string) => string): Record<string, string> {
  return Object.fromEntries(
    paths.map((path) => {
      try {
        return [path, act(path)];
      } catch (error) {
        return [path, (error as NodeJS.ErrnoException).code ?? ''];
      }
    }),
  );
}
