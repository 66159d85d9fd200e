import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from './adapters/clusters/error-code.ts';
import { writeWhole } from './adapters/clusters/whole-file.ts';
import { tryMachineLock } from './adapters/kubernetes-release/machine-lock.ts';
import { FairwayError } from './domain/errors.ts';

/**
 * Keeps others from running on the state folder until it is released or this process dies, however it dies. Throws FairwayError
 * `conflict` when another process has it.
 */
export async function claimStateFolder(folder: string): Promise<{ release(): Promise<void> }> {
  const file = join(folder, 'fairway.lock');
  // Not opened when it is there: to close it would drop a lock that this process has on it.
  await writeFile(file, '', { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
    if (!hasCode(error, 'EEXIST')) throw error;
  });
  const lock = tryMachineLock(file);
  const note = join(folder, 'fairway.pid');
  if (lock === undefined) {
    const pid = (await readFile(note, 'utf8').catch(() => '')).trim();
    const which = pid === '' ? 'another process' : `process ${pid}`;
    throw new FairwayError(
      'conflict',
      `a Fairway runs on the state folder ${folder} already: ${which}. Stop it, or name another folder with --state or FAIRWAY_STATE`,
    );
  }
  await writeWhole(note, `${process.pid}\n`);
  return {
    async release() {
      await rm(note, { force: true });
      lock.release();
    },
  };
}
