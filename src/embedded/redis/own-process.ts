import { readFile } from 'node:fs/promises';
import { execa } from 'execa';

/**
 * The process of a pid file, if it still lives and its command line names that file: a pid alone may by now belong to
 * someone else.
 */
export async function findOwnProcess(pidFile: string, argument: string): Promise<number | undefined> {
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
  return (await commandLine(pid)).includes(argument) ? pid : undefined;
}

async function commandLine(pid: number): Promise<string> {
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return execa('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { reject: false }).then(({ stdout }) => stdout);
}
