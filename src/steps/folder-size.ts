import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes on the disk of all files in a folder; links are not followed. Stops counting above `most` bytes, or at half a million entries. */
export async function folderSize(folder: string, most: number): Promise<number> {
  const left = [folder];
  let [size, entries] = [0, 0];
  for (let next = left.pop(); next !== undefined && size <= most; next = left.pop()) {
    const path = next;
    for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
      if (++entries > 500_000) return Number.POSITIVE_INFINITY;
      if (entry.isDirectory()) left.push(join(path, entry.name));
      else size += ((await lstat(join(path, entry.name)).catch(() => undefined))?.blocks ?? 0) * 512;
    }
  }
  return size;
}
