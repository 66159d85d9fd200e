import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

const day = 24 * 3_600_000;
/** Nothing reads a tree for as long as this without asking for it again. */
const unusedFor = 7 * day;
/** Packing a large mirror takes minutes; one that is cut off is begun again an hour later. */
const packingTime = 10 * 60_000;
/** Unpacking takes seconds. */
const abandonedAfter = 3_600_000;

/** Removes trees that nobody asked for in a week and what killed processes left half unpacked, and packs the mirrors' objects when there are many. */
export async function tidyMirrors(directory: string, environment: Record<string, string>): Promise<void> {
  const trees = join(directory, 'trees');
  for (const name of await namesIn(trees)) {
    if (await isOlder(join(trees, name), isHalfMade(name) ? abandonedAfter : unusedFor)) await remove(trees, name);
  }
  const mirrors = join(directory, 'mirrors');
  for (const name of await namesIn(mirrors)) {
    const mirror = join(mirrors, name);
    if (isHalfMade(name)) {
      if (await isOlder(mirror, abandonedAfter)) await rm(mirror, { recursive: true, force: true });
      continue;
    }
    // What merges would give belongs to no branch; git keeps such objects for two weeks.
    await execa('git', ['--git-dir', mirror, 'gc', '--auto', '--quiet'], {
      env: environment,
      timeout: packingTime,
      reject: false,
    });
  }
}

/** What a killed process left of making a mirror or unpacking a tree. */
function isHalfMade(name: string): boolean {
  return name.startsWith('.') || name.includes('.part-');
}

/** Under another name first: whoever looks for a tree finds all of it or nothing. */
async function remove(trees: string, name: string): Promise<void> {
  const aside = join(trees, `.removing-${name}`);
  await rename(join(trees, name), aside).catch(() => {});
  await rm(aside, { recursive: true, force: true });
}

async function isOlder(path: string, age: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > age;
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
