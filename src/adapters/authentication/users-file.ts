import { readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import { requireConfigFile } from '../../domain/config-file.ts';
import { FairwayError, messageOf } from '../../domain/errors.ts';
import { type TokenUser, tokenUser } from './token-authentication.ts';

const usersFile = z.strictObject({ users: z.array(tokenUser).min(1) });

/** The users of the file that FAIRWAY_USERS_FILE names; what is wrong with it is refused with file, line and field. */
export function readUsersFile(file: string): TokenUser[] {
  try {
    return requireConfigFile(file, readFileSync(file, 'utf8'), usersFile).users;
  } catch (error) {
    if (error instanceof FairwayError) throw error;
    throw new FairwayError('refused', `FAIRWAY_USERS_FILE: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * The users as the file has them now: whoever is taken out of it is out at once. While the file is gone or wrong, those that it
 * had last count, and the log says what is wrong.
 */
export function usersOfFile(
  file: string,
  first: readonly TokenUser[],
  log: Logger,
): () => Promise<readonly TokenUser[]> {
  let users = first;
  let version = '';
  return async () => {
    const found = await versionOf(file);
    if (found === version) return users;
    version = found;
    try {
      users = requireConfigFile(file, await readFile(file, 'utf8'), usersFile).users;
    } catch (error) {
      log.error(`the users file can't be read, so the users that it had before still count: ${messageOf(error)}`);
    }
    return users;
  };
}

async function versionOf(file: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  return found ? `${found.ino} ${found.mtimeNs} ${found.size}` : 'gone';
}
