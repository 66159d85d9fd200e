import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const secrets = z.object({ webhook: z.string(), forgeToken: z.string(), userToken: z.string(), apiToken: z.string() });

export type KeptSecrets = z.infer<typeof secrets>;

/** Secrets that Fairway makes for its own parts, once per state folder, readable by its owner alone. */
export async function keptSecrets(stateDirectory: string): Promise<KeptSecrets & { file: string }> {
  const file = join(stateDirectory, 'secrets.json');
  await mkdir(stateDirectory, { recursive: true });
  const fresh = (): string => randomBytes(24).toString('hex');
  const made: KeptSecrets = { webhook: fresh(), forgeToken: fresh(), userToken: fresh(), apiToken: fresh() };
  // Whoever comes second reads what the first has made.
  await writeFile(file, JSON.stringify(made, null, 2), { mode: 0o600, flag: 'wx' }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
  return { ...secrets.parse(JSON.parse(await readFile(file, 'utf8'))), file };
}

/** Those that a Fairway with this state folder has made, or undefined where none ever ran. */
export async function readKeptSecrets(stateDirectory: string): Promise<KeptSecrets | undefined> {
  const text = await readFile(join(stateDirectory, 'secrets.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : secrets.parse(JSON.parse(text));
}
