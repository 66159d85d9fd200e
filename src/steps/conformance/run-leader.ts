import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { runFolder } from './run-folder.ts';

export type Leader = { pid: number; alive: boolean };

/** The process that leads the run in this folder, or undefined when none was ever started. */
export async function leaderOf(folder: string): Promise<Leader | undefined> {
  const text = await readFile(runFolder(folder).leader, 'utf8').catch(() => '');
  const pid = Number(text.trim());
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  // The process id may have been given to another process since: ours names the folder on its command line.
  return { pid, alive: (await commandLineOf(pid)).includes(folder) };
}

async function commandLineOf(pid: number): Promise<string[]> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return text.split('\0');
  }
  const { stdout } = await execa('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { reject: false });
  return stdout.split(' ');
}
