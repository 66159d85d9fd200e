import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../domain/errors.ts';

const pollMs = 250;

/**
 * Runs `work` while no other process of this machine runs one under the same lock file. SQLite's lock on an empty database
 * serves as the lock, because the kernel drops it when the holder dies, however it dies. `waiting` is told once, when another holds it.
 */
export async function withMachineLock<T>(
  file: string,
  { signal, waiting }: { signal: AbortSignal; waiting: () => void },
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    for (let told = false; !locked(database); told = true) {
      if (!told) waiting();
      await sleep(pollMs, undefined, { signal });
    }
    return await work();
  } finally {
    database.close();
  }
}

/** The same lock, held until it is released or the process dies; undefined when another holds it. */
export function tryMachineLock(file: string): { release(): void } | undefined {
  const database = new DatabaseSync(file, { timeout: 0 });
  if (locked(database)) return { release: () => database.close() };
  database.close();
  return undefined;
}

function locked(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (messageOf(error).includes('locked')) return false;
    throw error;
  }
}
