import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { hasCode } from '../error-code.ts';
import { removeCgroup } from './cgroups.ts';
import { isOfClusters } from './cluster-processes.ts';
import { pathExists } from './path-exists.ts';
import { killAll } from './processes.ts';

/** Ends and removes all that a cluster has on this machine, however far it was made; returns the names of what is left. */
export async function removeCluster(folder: string, id: string, signal: AbortSignal): Promise<string[]> {
  // With the init of a machine all of its processes, mounts and links end, those of the pods included.
  const processes = await killAll((entry) => isOfClusters(entry, folder), signal);
  if (processes.length > 0) return processes.map(({ pid, argv }) => `process ${pid} (${argv[0]})`);
  if (process.platform === 'linux') {
    if (await pathExists(`/sys/class/net/${id}`)) await execa('ip', ['link', 'delete', id], { reject: false });
    const cgroups = await removeCgroup(id, signal);
    if (cgroups.length > 0) return cgroups;
  }
  return removeFolder(folder);
}

/** The record goes last: as long as it is there, the cluster is known to be half deleted. */
async function removeFolder(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    await Promise.all(
      names
        .filter((name) => name !== 'cluster.json')
        .map((name) => rm(join(folder, name), { recursive: true, force: true })),
    );
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    if (hasCode(error, 'EBUSY', 'ENOTEMPTY')) return [folder];
    throw error;
  }
  return [];
}
