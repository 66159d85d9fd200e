import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder with these files, gone when the test ends. */
export async function folderOf(
  t: { teardown(action: () => unknown): void },
  files: Record<string, string | Buffer>,
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-render-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  return directory;
}
