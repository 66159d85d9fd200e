import { rm } from 'node:fs/promises';
import { isFinal } from '../domain/run.ts';
import type { RunStore } from '../ports/store.ts';
import type { World } from '../steps/world.ts';

/** Removes the work folders of runs that have ended, however long ago. */
export async function clearWorkFolders(
  world: Pick<World, 'workFolder' | 'workFolders'>,
  runs: Pick<RunStore, 'get'>,
): Promise<void> {
  for (const id of await world.workFolders()) {
    const run = await runs.get(id);
    if (run && isFinal(run.status)) await rm(await world.workFolder(id), { recursive: true, force: true });
  }
}
