import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { hasCode } from '../error-code.ts';
import { isProgramOf, type RunningProcess } from './processes.ts';

/** A program that a cluster consists of. */
export interface Part {
  /** `kube-apiserver`, `kubelet`. */
  program: string;
  /** The folder of its machine; its command line names a path in it, and its log lies there. */
  folder: string;
}

/** A part with all that it takes to start it. */
export interface Component extends Part {
  command: string[];
  env: Record<string, string>;
  /** What must be there before it is started, else it would die or wait for long. */
  needs: 'nothing' | 'api';
}

/** `kubelet of node-1`. */
export function describePart({ program, folder }: Part): string {
  return `${program} of ${basename(folder)}`;
}

export function logFile({ program, folder }: Part): string {
  return join(folder, `${program}.log`);
}

export function isRunning({ program, folder }: Part, table: RunningProcess[]): boolean {
  return table.some((entry) => isProgramOf(entry, program, folder));
}

/** The end of its log: lines that speak of an error or a fatal end when there are any, else the last ones. */
export async function lastWords(part: Part): Promise<string> {
  const lines = (await readLog(part))
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-40);
  const grave = lines.filter((line) =>
    /^[EF]\d{4}|^Error|panic:|level=(error|fatal)|"level":"(error|fatal)"/.test(line),
  );
  const telling = (grave.length > 0 ? grave : lines).slice(-3);
  return telling.length === 0 ? 'it wrote nothing' : telling.map((line) => line.slice(0, 400)).join(' | ');
}

async function readLog(part: Part): Promise<string> {
  try {
    return await readFile(logFile(part), 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  }
}
