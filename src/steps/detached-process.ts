import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type DetachedState =
  | { state: 'absent' }
  | { state: 'running' }
  | { state: 'ended'; code: number }
  | { state: 'killed' };

/**
 * Leads a process group: whoever makes the leader file runs the command, everyone else leaves, so that starting twice is starting
 * once, however the starters die.
 */
const leader = `
cd "$1" || exit 1
set -C
echo $$ 2>/dev/null >leader || exit 0
set +C
shift
"$@" >>output.log 2>&1
echo $? >exit-code.part && mv exit-code.part exit-code
`;

/** Starts a program that outlives this process, in a folder that is its alone; does nothing when it was started there before. */
export async function startDetached(folder: string, command: string[], env: Record<string, string>): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await observeDetached(folder)).state !== 'absent') return;
  await writeFile(join(folder, 'command.json'), JSON.stringify(command));
  const log = await open(join(folder, 'output.log'), 'a');
  try {
    const child = spawn('sh', ['-c', leader, 'fairway', folder, ...command], {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env,
    });
    await once(child, 'spawn');
    child.unref();
  } finally {
    await log.close();
  }
}

export async function observeDetached(folder: string): Promise<DetachedState> {
  const pid = await leaderPid(folder);
  if (pid === undefined) return { state: 'absent' };
  const alive = await leads(pid, folder);
  // The exit code is written last, so it is looked for after the process.
  const code = await readFile(join(folder, 'exit-code'), 'utf8').catch(() => undefined);
  if (code !== undefined) return { state: 'ended', code: Number(code) };
  return { state: alive ? 'running' : 'killed' };
}

/** Ends the whole process group: asks first, and after `grace` milliseconds no longer asks. */
export async function stopDetached(folder: string, grace: number): Promise<void> {
  const pid = await leaderPid(folder);
  if (pid === undefined || !(await leads(pid, folder))) return;
  signalGroup(pid, 'SIGTERM');
  for (const deadline = Date.now() + grace; Date.now() < deadline && signalGroup(pid, 0); ) await sleep(100);
  signalGroup(pid, 'SIGKILL');
}

async function leaderPid(folder: string): Promise<number | undefined> {
  const pid = Number((await readFile(join(folder, 'leader'), 'utf8').catch(() => '')).trim());
  return Number.isInteger(pid) && pid > 1 ? pid : undefined;
}

/** The process id may have been given to another process since: ours names the folder on its command line. */
async function leads(pid: number, folder: string): Promise<boolean> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return line.split('\0').includes(folder);
}

/** False when no process of that group is left. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
