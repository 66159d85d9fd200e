import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { processTable } from '../adapters/clusters/local/processes.ts';

const program = fileURLToPath(new URL('../../bin/fairway.js', import.meta.url));
t.setTimeout(300_000);

/** `fairway up` on a state folder, with what it says. */
function up(t: Test, state: string) {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, FAIRWAY_LISTEN: '127.0.0.1:0' };
  const child = spawn(process.execPath, [program, 'up', '--state', state], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  t.teardown(() => child.kill('SIGKILL'));
  const words: { said: string } = { said: '' };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (words.said += chunk));
  const ended = once(child, 'exit');
  return { child, words, ended };
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(120_000);
  while (!(await condition())) {
    if (deadline.aborted) throw new Error(`it never came to this: ${what}`);
    await sleep(10);
  }
}

async function folder(t: Test): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'fairway-signals-'));
  t.teardown(() => rm(made, { recursive: true, force: true }));
  return join(made, 'state');
}

async function ofFolder(state: string): Promise<string[]> {
  const running = (await processTable()).filter(({ argv }) => argv.some((word) => word.includes(state)));
  return running.map(({ argv }) => argv.join(' '));
}

t.test('a running Fairway has its folder for itself, and stops in order with all that it started', async (t) => {
  const state = await folder(t);
  const first = up(t, state);
  await until('Fairway is up', () => first.words.said.includes('What to try next'));
  const entries = await readdir(state, { recursive: false });
  for (const name of entries) t.equal((await stat(join(state, name))).mode & 0o077, 0, `${name} is open to others`);
  for (const name of ['fairway.db', 'secrets.json', 'addresses.json']) t.ok(entries.includes(name), name);
  t.ok((await ofFolder(state)).some((line) => line.includes('redis-server')));

  const second = up(t, state);
  t.strictSame(await second.ended, [1, null]);
  t.match(second.words.said, `a Fairway runs on the state folder ${state} already: process ${first.child.pid}.`);

  first.child.kill('SIGTERM');
  t.strictSame(await first.ended, [0, null], first.words.said);
  t.strictSame(await ofFolder(state), []);
});

t.test('a signal during the start ends that as well, and leaves nothing', async (t) => {
  for (const moment of ['state', 'secrets.json', 'redis']) {
    const state = await folder(t);
    const { child, words, ended } = up(t, state);
    const place = moment === 'state' ? state : join(state, moment);
    await until(moment, () => stat(place).then(Boolean, () => child.exitCode !== null));
    child.kill('SIGINT');
    t.strictSame(await ended, [0, null], `${moment}: ${words.said}`);
    t.notMatch(words.said, 'What to try next');
    t.strictSame(await ofFolder(state), [], moment);
  }
});

t.test('a second signal ends it at once', async (t) => {
  const state = await folder(t);
  const { child, words, ended } = up(t, state);
  await until('Fairway is up', () => words.said.includes('What to try next'));
  const redis = await redisOf(state);
  process.kill(redis, 'SIGSTOP');
  t.teardown(() => ignoring(() => process.kill(redis, 'SIGKILL')));
  child.kill('SIGTERM');
  await until('it stops', () => words.said.includes('stopping'));
  child.kill('SIGTERM');
  t.strictSame(await ended, [130, null]);
});

async function redisOf(state: string): Promise<number> {
  const found = (await processTable()).find(
    ({ argv }) => argv[0]?.endsWith('redis-server') && argv.some((word) => word.includes(state)),
  );
  if (found === undefined) throw new Error('no redis-server');
  return found.pid;
}

function ignoring(act: () => void): void {
  try {
    act();
  } catch {
    // It is gone.
  }
}
