import { createReadStream } from 'node:fs';
import { copyFile, mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FairwayError } from '../../domain/errors.ts';
import type { Artifacts } from '../../ports/artifacts.ts';

const safeName = /^[A-Za-z0-9][-A-Za-z0-9._]*$/;

/** Artifacts as files: `<directory>/<run>/<name>`. */
export function createArtifactFolder(directory: string): Artifacts {
  const folder = (runId: string): string => {
    if (!safeName.test(runId)) throw new FairwayError('refused', `"${runId}" is no run id`);
    return join(directory, runId);
  };
  const place = (runId: string, name: string): string => {
    if (!safeName.test(name)) throw new FairwayError('refused', `"${name}" is no artifact's name`);
    return join(folder(runId), name);
  };
  const replace = async (runId: string, name: string, write: (path: string) => Promise<void>): Promise<void> => {
    const path = place(runId, name);
    await mkdir(folder(runId), { recursive: true });
    await write(`${path}.part`);
    await rename(`${path}.part`, path);
  };
  return {
    put: (runId, name, content) => replace(runId, name, (path) => writeFile(path, content)),
    putFile: (runId, name, source) => replace(runId, name, (path) => copyFile(source, path)),
    async list(runId) {
      const names = await readdir(folder(runId)).catch(() => []);
      const kept = names.filter((name) => !name.endsWith('.part')).sort();
      return Promise.all(kept.map(async (name) => ({ name, bytes: (await stat(place(runId, name))).size })));
    },
    async open(runId, name) {
      const path = place(runId, name);
      const found = await stat(path).catch(() => undefined);
      return found?.isFile() ? { bytes: found.size, stream: createReadStream(path) } : undefined;
    },
  };
}
