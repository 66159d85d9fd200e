import { cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { FairwayError, messageOf } from '../domain/errors.ts';

/** Where the parts of a config repository lie in this package. */
const parts = {
  channels: 'channels',
  'channels/cluster': 'cluster',
  pipelines: 'pipelines',
  'e2e/cluster': 'e2e/cluster',
  schemas: 'schemas',
};
const shipped = fileURLToPath(new URL('../..', import.meta.url));

/** `fairway init`: a config repository to start from. Exit code 0: written, 2: wrong use. */
export function initCommand(): Command {
  return new Command('init')
    .description('write a complete config repository to start from: channels, pipelines, desired state, e2e tests')
    .argument('<dir>', 'a new or empty folder')
    .action(async (directory: string) => {
      await writeConfigRepository(directory);
      process.stdout.write(`${directory} has a config repository with the channels dev, alpha and stable.\n`);
    });
}

/** Writes the config repository into a new or empty folder; one with only `.git` in it counts as empty. */
export async function writeConfigRepository(directory: string): Promise<void> {
  const there = await readEntries(directory);
  if (there.length > 0) {
    const some = there.slice(0, 3).join(', ');
    throw new FairwayError(
      'refused',
      `${directory} is not empty, it has ${some}${there.length > 3 ? ', …' : ''}; name a new or empty folder`,
    );
  }
  await mkdir(directory, { recursive: true });
  const apart = new Set(Object.keys(parts).map((path) => join(shipped, path)));
  for (const [from, to] of Object.entries(parts)) {
    const source = join(shipped, from);
    await cp(source, join(directory, to), { recursive: true, filter: (path) => path === source || !apart.has(path) });
  }
}

async function readEntries(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((name) => name !== '.git').sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new FairwayError('refused', `${directory}: ${messageOf(error)}; name a new or empty folder`);
  }
}
