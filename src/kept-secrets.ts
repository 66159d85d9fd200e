import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hasCode } from './adapters/clusters/error-code.ts';
import { FairwayError, messageOf } from './domain/errors.ts';

const secrets = z.object({ webhook: z.string(), forgeToken: z.string(), userToken: z.string(), apiToken: z.string() });

export type KeptSecrets = z.infer<typeof secrets>;

const fileIn = (stateDirectory: string): string => join(stateDirectory, 'secrets.json');

/** Secrets that Fairway makes for its own parts, once per state folder, readable by its owner alone. */
export async function keptSecrets(stateDirectory: string): Promise<KeptSecrets & { file: string }> {
  const file = fileIn(stateDirectory);
  const kept = await readKeptSecrets(stateDirectory);
  if (kept !== undefined) return { ...kept, file };
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  const fresh = (): string => randomBytes(24).toString('hex');
  const made: KeptSecrets = { webhook: fresh(), forgeToken: fresh(), userToken: fresh(), apiToken: fresh() };
  await writeOnce(file, JSON.stringify(made, null, 2));
  // Whoever comes second reads what the first has made.
  return { ...((await readKeptSecrets(stateDirectory)) ?? made), file };
}

/** Those that a Fairway with this state folder has made, or undefined where none ever ran. */
export async function readKeptSecrets(stateDirectory: string): Promise<KeptSecrets | undefined> {
  const file = fileIn(stateDirectory);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new FairwayError('refused', `the secrets can't be read: ${messageOf(error)}`, { cause: error });
  }
  try {
    return secrets.parse(JSON.parse(text));
  } catch (error) {
    // Not the parser's own words, which quote what they stumble over.
    throw new FairwayError(
      'refused',
      `${file} is damaged. Put it back from a backup; or remove it, and new secrets are made: then the forge's webhook, and whoever uses the old tokens, must get the new ones`,
      { cause: error },
    );
  }
}

/** Whole on disk before it has its name, so that neither a crash nor a reader finds a part; does nothing when it is there. */
async function writeOnce(file: string, text: string): Promise<void> {
  const part = `${file}.${randomBytes(6).toString('hex')}`;
  const handle = await open(part, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(part, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(part, { force: true });
  }
}
