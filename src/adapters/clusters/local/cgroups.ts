import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '../error-code.ts';

const mountPoint = '/sys/fs/cgroup';

/** Makes `/<path>` in every hierarchy (cgroup v1), or in the one there is, with its controllers handed down (v2). */
export async function makeCgroup(path: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    let folder = hierarchy;
    for (const part of path.split('/')) {
      await handDownControllers(folder);
      folder = join(folder, part);
      await mkdir(folder, { recursive: true });
      await fillCpuset(folder);
    }
    await handDownControllers(folder);
  }
}

/** Removes `/<path>` and all below, waiting for its last processes to be gone; returns what is left when the signal ends. */
export async function removeCgroup(path: string, signal: AbortSignal): Promise<string[]> {
  for (;;) {
    const left: string[] = [];
    for (const hierarchy of await hierarchies()) left.push(...(await removeTree(join(hierarchy, path))));
    if (left.length === 0 || signal.aborted) return left;
    await sleep(20);
  }
}

/** Folders of the top level whose name `select` picks, each once. */
export async function listCgroups(select: (name: string) => boolean): Promise<string[]> {
  const names = await Promise.all((await hierarchies()).map((hierarchy) => subfolders(hierarchy)));
  return [...new Set(names.flat().filter(select))];
}

async function hierarchies(): Promise<string[]> {
  if (!existsSync(mountPoint)) return [];
  if (existsSync(join(mountPoint, 'cgroup.controllers'))) return [mountPoint];
  return (await subfolders(mountPoint)).map((name) => join(mountPoint, name));
}

async function handDownControllers(folder: string): Promise<void> {
  const control = join(folder, 'cgroup.subtree_control');
  // In a hybrid set-up the second version's hierarchy has no controllers of its own.
  if (!existsSync(control)) return;
  const controllers = (await readFile(join(folder, 'cgroup.controllers'), 'utf8')).trim();
  if (controllers === '') return;
  const wanted = controllers.split(' ').map((name) => `+${name}`);
  await writeFile(control, wanted.join(' '));
}

/** A new cpuset of version 1 is empty and would take no process. */
async function fillCpuset(folder: string): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const own = join(folder, file);
    const parent = join(dirname(folder), file);
    if (!existsSync(own) || !existsSync(parent)) continue;
    if ((await readFile(own, 'utf8')).trim() === '') await writeFile(own, await readFile(parent, 'utf8'));
  }
}

async function removeTree(folder: string): Promise<string[]> {
  const left: string[] = [];
  for (const name of await subfolders(folder)) left.push(...(await removeTree(join(folder, name))));
  try {
    await rmdir(folder);
  } catch (error) {
    if (hasCode(error, 'EBUSY', 'ENOTEMPTY')) left.push(folder);
    else if (!hasCode(error, 'ENOENT')) throw error;
  }
  return left;
}

async function subfolders(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENODEV')) return [];
    throw error;
  }
}
