import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { hasCode } from '../error-code.ts';

export interface RunningProcess {
  pid: number;
  argv: string[];
}

/**
 * Every process of the machine with its command line. This table, and no pid file, says what of a cluster runs: each of its
 * programs is started with a path inside the cluster's folder among its arguments, so that it is found again after any crash.
 */
export async function processTable(): Promise<RunningProcess[]> {
  if (process.platform !== 'linux') return tableOfPs();
  const table: RunningProcess[] = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const argv = readArguments(pid);
    if (argv.length > 0) table.push({ pid, argv });
  }
  return table;
}

function readArguments(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES')) return [];
    throw error;
  }
}

async function tableOfPs(): Promise<RunningProcess[]> {
  const { stdout } = await execa('ps', ['-axww', '-o', 'pid=,command=']);
  return stdout.split('\n').map((line) => {
    const [pid = '', ...argv] = line.trim().split(/\s+/);
    return { pid: Number(pid), argv };
  });
}

/** Whether the process is `program`, or what starts it inside a machine, and its arguments name `folder` or a path in it. */
export function isProgramOf({ argv }: RunningProcess, program: string, folder: string): boolean {
  const [first = ''] = argv;
  const isIt = basename(first) === program || (first === 'nsenter' && argv.some((word) => basename(word) === program));
  return isIt && argv.some((word) => word === folder || word.includes(`${folder}/`));
}

/** Starts a program that outlives this process: a session of its own, its output appended to a file. Resolves once it runs. */
export async function startDetached(command: string[], logFile: string, env: Record<string, string>): Promise<void> {
  const [file = '', ...args] = command;
  const log = openSync(logFile, 'a');
  try {
    const child = spawn(file, args, {
      detached: true,
      cwd: '/',
      stdio: ['ignore', log, log],
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...env },
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
  } finally {
    closeSync(log);
  }
}

/** Kills what `select` picks, again and again until nothing is left of it or the signal ends; returns what is left. */
export async function killAll(
  select: (process: RunningProcess) => boolean,
  signal: AbortSignal,
): Promise<RunningProcess[]> {
  for (;;) {
    const left = (await processTable()).filter((entry) => entry.pid !== process.pid && select(entry));
    if (left.length === 0 || signal.aborted) return left;
    for (const { pid } of left) kill(pid);
    await sleep(20);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}
