import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, copyFile, mkdir, mkdtemp, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import type { ConfinedCommand, Confinement } from '../../ports/sandbox.ts';
import { processTable } from '../clusters/local/processes.ts';
import { findPackagedProgram } from '../kubernetes-release/packaged-program.ts';
import type { Attempts, Found } from './attempts.test-fixture.ts';
import { openSandbox } from './open-sandbox.ts';

const options = { report: (line: string) => void t.comment(line), signal: AbortSignal.timeout(300_000) };
const fixture = (name: string) => fileURLToPath(new URL(`${name}.test-fixture.ts`, import.meta.url));
const state = await openSandbox(options);
const skip = state.sandbox === 'here' ? false : state.why;
const isRoot = process.geteuid?.() === 0;
const ordinary = 1234;

/** Root's sandbox and that of a user without privileges; whoever isn't root has only the second. */
const users = isRoot ? (['root', 'an ordinary user'] as const) : (['an ordinary user'] as const);
type User = (typeof users)[number];

/** A folder that the sandbox may read, one that it may write, and how to run a command in it. */
async function placeFor(t: Test, user: User) {
  const top = await realpath(await mkdtemp(join(tmpdir(), 'fairway-sandbox-')));
  t.teardown(() => rm(top, { recursive: true, force: true }));
  const [readable, writable] = [join(top, 'readable'), join(top, 'writable')];
  for (const folder of [readable, writable]) await mkdir(folder);
  await copyFile(fixture('attempts'), join(readable, 'attempts.ts'));
  if (user !== 'root' && isRoot) for (const folder of [top, writable]) await chown(folder, ordinary, ordinary);
  const confinement: Confinement = {
    readable: [readable, process.execPath, '/usr/bin/env'],
    writable: [writable],
    folder: readable,
    environment: { GIVEN: 'this' },
    network: { network: 'none' },
    limits: { memoryMiB: 1024, processes: 200, fileMiB: 1 },
  };
  const run = async (command: string[], changed: Partial<Confinement> = {}) => {
    const { file, args, env } = await confined(user, top, command, { ...confinement, ...changed });
    const who = user !== 'root' && isRoot ? { uid: ordinary, gid: ordinary } : {};
    return execa(file, args, { env, extendEnv: false, reject: false, stdin: 'ignore', cwd: '/', ...who });
  };
  const attempts = (wanted: Attempts) => [process.execPath, 'attempts.ts', JSON.stringify(wanted)];
  const attempt = async (wanted: Attempts): Promise<Found> => {
    const { stdout, stderr } = await run(attempts(wanted));
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout);
  };
  return { top, readable, writable, run, attempts, attempt };
}

async function confined(
  user: User,
  top: string,
  command: string[],
  confinement: Confinement,
): Promise<ConfinedCommand> {
  if (state.sandbox === 'missing') throw new Error(state.why);
  if (user === 'root' || !isRoot) return state.confine(command, confinement);
  // The cache that holds it may be root's alone.
  const { file } = await findPackagedProgram({ name: 'bwrap', packages: ['bubblewrap'] }, options);
  await mkdir(join(top, 'bin'), { recursive: true });
  await copyFile(file, join(top, 'bin', 'bwrap'));
  const script = [fixture('confine-as'), `${ordinary}`, JSON.stringify(command), JSON.stringify(confinement)];
  const { stdout } = await execa(process.execPath, script, {
    env: { PATH: `${join(top, 'bin')}:${process.env.PATH}` },
  });
  return JSON.parse(stdout);
}

async function listen(t: Test, place: { host: string; port: number } | { path: string }): Promise<number> {
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(place, resolve));
  t.teardown(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

for (const user of users) {
  t.test(
    `started by ${user}, a program reads and writes what it is given, and sees nothing else`,
    { skip },
    async (t) => {
      const { top, readable, writable, attempt } = await placeFor(t, user);
      const beside = join(top, 'secrets.json');
      await writeFile(beside, 'hidden');
      const sibling = await mkdtemp(join(dirname(top), 'fairway-beside-'));
      t.teardown(() => rm(sibling, { recursive: true }));
      const secret = `/proc/${process.pid}/environ`;
      const unseen = [
        '/etc/shadow',
        '/etc/passwd',
        beside,
        secret,
        '/run',
        '/home',
        join(homedir(), '.bashrc'),
        fixture('attempts'),
      ];
      const found = await attempt({
        read: [join(readable, 'attempts.ts'), ...unseen],
        write: [
          join(writable, 'own'),
          join(readable, 'attempts.ts'),
          '/usr/bin/new',
          '/etc/new',
          '/new',
          '/tmp/new',
          beside,
        ],
        list: [top, '/root', dirname(top)],
      });
      const { [join(readable, 'attempts.ts')]: own, ...others } = found.read;
      t.match(own, 'Attempts');
      for (const [path, became] of Object.entries(others)) t.match(became, /^(ENOENT|EACCES)$/, `reading ${path}`);
      const { [join(writable, 'own')]: written, ...refused } = found.write;
      t.equal(written, 'written');
      for (const [path, became] of Object.entries(refused))
        t.match(became, /^(ENOENT|EACCES|EROFS)$/, `writing ${path}`);
      t.match(found.list[top], /^(bin )?readable writable$/);
      t.notMatch(found.list['/root'], /bash/);
      t.notMatch(found.list[dirname(top)], basename(sibling), 'of the folders beside it nothing is seen');
      t.strictSame(Object.keys(found.environment).sort(), ['GIVEN', 'PWD']);
      t.equal(found.privileges, '0000000000000000');
      t.not(found.user, 0);
      t.ok(found.processes < 5, `${found.processes} processes are seen`);
      await t.rejects(stat('/tmp/new'), { code: 'ENOENT' });
    },
  );

  t.test(`started by ${user}, a program reaches no listener of the machine`, { skip }, async (t) => {
    const { attempt } = await placeFor(t, user);
    const port = await listen(t, { host: '0.0.0.0', port: 0 });
    const name = `fairway-sandbox-${process.pid}-${user.length}`;
    await listen(t, { path: `\0${name}` });
    const places = [`127.0.0.1:${port}`, `127.0.0.9:${port}`, `0.0.0.0:${port}`, `192.0.2.1:${port}`, `@${name}`];
    const { connect } = await attempt({ connect: places });
    t.strictSame(Object.keys(connect), places);
    for (const [to, became] of Object.entries(connect)) t.match(became, /^(ECONNREFUSED|ENETUNREACH)$/, to);
  });

  t.test(`started by ${user}, a program leaves no process behind`, { skip }, async (t) => {
    const { attempt, run } = await placeFor(t, user);
    const seconds = `86400.${process.pid}${user.length}`;
    const left = async () => (await processTable()).filter(({ argv }) => argv.includes(seconds));
    await attempt({ leave: seconds });
    while ((await left()).length > 0) await sleep(50);
    t.pass('when it ends by itself');
    const running = run(['/bin/sleep', seconds]);
    const starter = async () => (await left()).find(({ argv }) => argv[0]?.endsWith('bwrap'));
    while ((await starter()) === undefined || !(await left()).some(({ argv }) => argv[0] === '/bin/sleep'))
      await sleep(50);
    process.kill((await starter())?.pid ?? 0, 'SIGKILL');
    await running;
    while ((await left()).length > 0) await sleep(50);
    t.pass('when what started it is killed');
  });

  t.test(`started by ${user}, a program has bounds of memory, files and processes`, { skip }, async (t) => {
    const { run, writable } = await placeFor(t, user);
    const limits = { memoryMiB: 1024, processes: 40, fileMiB: 1 };
    const node = (script: string) => run([process.execPath, '-e', script], { limits });
    t.match(await node("process.stdout.write('fine')"), { stdout: 'fine' });
    const hungry = await node("Buffer.alloc(1200 * 1024 * 1024, 'x'); console.log('got it')");
    t.notMatch(hungry.stdout, 'got it');
    const big = await node(`
      process.on('SIGXFSZ', () => {});
      try { require('fs').writeFileSync('${writable}/big', Buffer.alloc(3 << 20)); console.log('written') }
      catch (error) { console.log(error.code) }`);
    t.equal(big.stdout, 'EFBIG');
    const many = await run(['/bin/sh', '-c', 'for i in $(seq 60); do sleep 5 & done; echo all'], { limits });
    t.match(many.stderr, /fork/i);
    t.notMatch(many.stdout, 'all');
  });
}

t.test(
  'a program can be given the network of a namespace, and reaches that alone',
  { skip: skip || (isRoot ? false : 'only root enters a network namespace') },
  async (t) => {
    const { run, attempts } = await placeFor(t, 'root');
    const listening = `require('net').createServer((socket) => socket.end()).listen(4242, '127.0.0.1', () => console.log('up'))`;
    const script = ['sh', '-c', 'ip link set lo up; exec "$0" -e "$1"', process.execPath, listening];
    const holder = spawn('unshare', ['--net', '--', ...script], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.teardown(() => holder.kill('SIGKILL'));
    await once(holder.stdout, 'data');
    const port = await listen(t, { host: '0.0.0.0', port: 0 });
    const connect = ['127.0.0.1:4242', `127.0.0.1:${port}`];
    const file = `/proc/${holder.pid}/ns/net`;
    const { stdout } = await run(attempts({ connect }), { network: { network: 'namespace', file } });
    t.strictSame(JSON.parse(stdout).connect, { '127.0.0.1:4242': 'connected', [`127.0.0.1:${port}`]: 'ECONNREFUSED' });
  },
);
