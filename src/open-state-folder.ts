import { constants } from 'node:fs';
import { access, chmod, lstat, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from './adapters/clusters/error-code.ts';
import { FairwayError, messageOf } from './domain/errors.ts';

/** Folders of its own parts, made before they are so that none is open for a moment. */
const rooms = ['artifacts', 'clusters', 'git', 'kubeconfigs', 'work'];
const another = 'or name another folder with --state or FAIRWAY_STATE';

/**
 * Makes the state folder, or looks at the one there is: it holds secrets, so it must be ours alone. One of ours that is
 * open to others is closed, and that is told. Throws FairwayError `refused` for a folder that can't be used so.
 */
export async function openStateFolder(folder: string, report: (line: string) => void): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new FairwayError('refused', `the state folder ${folder} can't be made: ${messageOf(error)}; ${another}`);
  }
  const { uid, mode } = await stat(folder);
  refuseForeign(folder, uid, 'the state folder');
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new FairwayError(
      'refused',
      `the state folder ${folder} can't be written: ${messageOf(error)}; make it writable, ${another}`,
    );
  }
  for (const name of rooms) await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
  const wasOpen = (mode & 0o077) !== 0;
  if (wasOpen) await chmod(folder, mode & 0o700);
  await closeWithin(folder);
  if (wasOpen)
    report(
      `the state folder ${folder} was open to other users of this machine (mode ${(mode & 0o777).toString(8)}) and is closed now; ` +
        'if they are not to be trusted, make the secrets in it anew',
    );
}

/** What lies directly in it; what is below can be reached through that alone. */
async function closeWithin(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const entry = await lstat(path).catch(() => undefined);
    if (entry === undefined || entry.isSymbolicLink()) continue;
    refuseForeign(path, entry.uid, 'in the state folder');
    if ((entry.mode & 0o077) !== 0) await chmod(path, entry.mode & 0o700).catch(ignoreGone);
  }
}

/** Another Fairway on the folder makes and removes files meanwhile. */
function ignoreGone(error: unknown): void {
  if (!hasCode(error, 'ENOENT')) throw error;
}

function refuseForeign(path: string, owner: number, what: string): void {
  const us = process.geteuid?.();
  if (us === undefined || owner === us) return;
  throw new FairwayError(
    'refused',
    `${what} ${path} belongs to user ${owner}, who could change it, and Fairway runs as user ${us}; give it to ${us}, ${another}`,
  );
}
