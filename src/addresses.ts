import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from './adapters/clusters/whole-file.ts';

const addresses = z.object({
  /** Where the server listens. */
  server: z.url(),
  /** The embedded forge, where there is one. */
  forge: z.url().optional(),
});

export type Addresses = z.infer<typeof addresses>;

const fileIn = (stateDirectory: string): string => join(stateDirectory, 'addresses.json');

/** Says where the Fairway of this state folder is, so that commands on the same machine find it; the end of it takes that back. */
export async function noteAddresses(stateDirectory: string, found: Addresses): Promise<{ forget(): Promise<void> }> {
  await writeWhole(fileIn(stateDirectory), JSON.stringify(found));
  return { forget: () => rm(fileIn(stateDirectory), { force: true }) };
}

/** Where the Fairway of this state folder is, or was when it was killed; undefined where none runs. */
export async function readAddresses(stateDirectory: string): Promise<Addresses | undefined> {
  const text = await readFile(fileIn(stateDirectory), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return addresses.parse(JSON.parse(text));
  } catch {
    // It was killed while it wrote.
    return undefined;
  }
}
