import type { Logger } from 'pino';
import { FairwayError, messageOf } from '../domain/errors.ts';
import type { World } from '../steps/world.ts';
import { catchUp, type Watched } from './catch-up.ts';
import { clearWorkFolders } from './clear-work-folders.ts';
import type { Planning } from './planning.ts';
import { reap } from './reaper.ts';
import { sweep } from './sweeper.ts';

export interface MaintenanceOptions {
  planning: Planning;
  world: World;
  watched: Watched;
  catchUpEvery: number;
  log: Logger;
  /** A signal for one round of calls to the outside. */
  outside(): AbortSignal;
}

const sweepEvery = 2_000;
const reapEvery = 15_000;
const tidyEvery = 3_600_000;

/** What is done again and again, so that whatever was lost or left is found: the first round at once. */
export function startMaintenance({ planning, world, watched, catchUpEvery, log, outside }: MaintenanceOptions): {
  stop(): Promise<void>;
} {
  const chores = [
    repeat(sweepEvery, log, () => sweep(planning.store, planning.dispatcher)),
    repeat(reapEvery, log, async () => {
      for (const name of await reap(world.providers.values(), 'run', planning.store.runs, outside()))
        log.info({ cluster: name }, 'reaped a cluster without a live run');
      await clearWorkFolders(world, planning.store.runs);
    }),
    repeat(tidyEvery, log, () => world.git.tidy()),
    repeat(catchUpEvery, log, () => catchUp(planning, watched, (problem) => log.warn(problem), outside())),
  ];
  return {
    async stop() {
      await Promise.all(chores.map((chore) => chore.stop()));
    },
  };
}

function repeat(every: number, log: Logger, chore: () => Promise<unknown>): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const round = async (): Promise<void> => {
    try {
      await chore();
    } catch (error) {
      if (!stopped) log.warn(error instanceof FairwayError ? messageOf(error) : { err: error });
    }
    if (!stopped) timer = setTimeout(() => (running = round()), every);
  };
  let running = round();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
