import type { Test } from 'tap';
import { steps } from '../../steps/registry.ts';
import { worldOf } from '../../steps/testing/world-of.ts';
import type { RunEngine } from '../advance-run.ts';
import { concludeRun } from '../conclude-run.ts';
import { rollOutChannel } from '../roll-out-channel.ts';
import { PlanningUnderTest } from './planning-under-test.ts';

export const repository = 'acme/config';
export const signal = AbortSignal.timeout(900_000);

/** The channel dev, and what decides about its rollouts; nobody works on them. */
export async function givenChannel(t: Test) {
  const at = await PlanningUnderTest.start(t);
  const rollOut = async () =>
    (await rollOutChannel(at.planning, { repository, branch: 'dev', requestedBy: 'wim' }, signal)).said;
  const live = async () => (await at.store.channels.get(repository, 'dev')).liveRun;
  const liveRun = async () => {
    const run = await at.store.runs.get((await live()) ?? '');
    if (!run) throw new Error('dev has no live rollout');
    return run;
  };
  const engine: RunEngine = {
    store: at.store,
    steps,
    world: worldOf({ registry: at.store.clusters }),
    dispatcher: at.planning.dispatcher,
    worker: 'w1',
    leaseTime: 10_000,
    conclude: (run) => concludeRun(at.planning, run, signal),
  };
  const notes = async () => (await at.store.audit.list(100)).map(({ action }) => action).sort();
  return { at, rollOut, live, liveRun, engine, notes };
}
