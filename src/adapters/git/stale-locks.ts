import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Longer than any git command of ours may run. */
const staleAfter = 5 * 60_000;

/** Removes lock files of git commands that were killed; git itself never does. Returns how many there were. */
export async function removeStaleLocks(bare: string): Promise<number> {
  const refs = (await readdir(join(bare, 'refs'), { recursive: true }).catch(() => [])).map((name) =>
    join('refs', name),
  );
  const names = [...(await readdir(bare).catch(() => [])), ...refs].filter((name) => name.endsWith('.lock'));
  let removed = 0;
  for (const name of names) {
    const file = join(bare, name);
    const found = await stat(file).catch(() => undefined);
    if (found === undefined || Date.now() - found.mtimeMs < staleAfter) continue;
    await rm(file, { force: true });
    removed++;
  }
  return removed;
}
