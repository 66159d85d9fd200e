import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Test } from 'tap';
import { z } from 'zod';
import { createArtifactFolder } from '../../adapters/artifacts/artifact-folder.ts';
import { openStore } from '../../adapters/store/store.ts';
import { channel } from '../../domain/channel.ts';
import { pipelineSchema } from '../../domain/pipeline.ts';
import { isFinal, type Run } from '../../domain/run.ts';
import type { Store } from '../../ports/store.ts';
import { defineStep, type Step, type StepContext, type StepOutcome } from '../../steps/step.ts';
import { worldOf } from '../../steps/testing/world-of.ts';
import type { World } from '../../steps/world.ts';
import { advanceRun, type RunEngine } from '../advance-run.ts';
import { newRun } from '../new-run.ts';

/** What a step does, by how often it was called. */
export type Script = (
  call: number,
  stage: string,
  context: Pick<StepContext<keyof World>, 'log' | 'world'>,
) => StepOutcome | Promise<StepOutcome>;

/** Steps that do what a test tells them, and a note of every call. */
function scripted(scripts: Record<string, Script>): { steps: Map<string, Step>; calls: string[] } {
  const calls: string[] = [];
  const step = (kind: string, script: Script): Step =>
    defineStep({
      kind,
      schema: z.looseObject({}),
      needs: ['artifacts', 'secrets'],
      deadline: kind === 'late' ? 30 : 60_000,
      late: 'failed',
      async run({ stage, log, world }) {
        calls.push(`${kind}@${stage.name}`);
        return script(calls.filter((call) => call === `${kind}@${stage.name}`).length, stage.name, {
          log,
          world: world as World,
        });
      },
      async stop({ stage }) {
        calls.push(`stop ${kind}@${stage.name}`);
      },
    });
  return { steps: new Map(Object.entries(scripts).map(([kind, script]) => [kind, step(kind, script)])), calls };
}

export const yes: Script = () => ({ outcome: 'succeeded', summary: 'yes' });
export const no: Script = () => ({ outcome: 'failed', reason: 'the world said no' });

async function storeFor(t: Test): Promise<{ store: Store; directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-engine-'));
  const store = await openStore(pathToFileURL(join(directory, 'fairway.db')).href);
  t.teardown(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });
  return { store, directory };
}

interface Situation {
  scripts: Record<string, Script>;
  stages: unknown[];
}

/** A run of scripted steps on a real store, and workers for it. */
export async function givenRun(t: Test, { scripts, stages }: Situation) {
  const { store, directory } = await storeFor(t);
  const { steps, calls } = scripted(scripts);
  const concluded: string[] = [];
  const wakes: string[] = [];
  const artifacts = createArtifactFolder(join(directory, 'artifacts'));
  const world = worldOf({ registry: store.clusters, artifacts });
  const engine = (worker: string, leaseTime = 10_000): RunEngine => ({
    store,
    steps,
    world,
    dispatcher: { wake: async (wakeup, delay = 0) => void wakes.push(`${wakeup.wake} ${delay}`) },
    worker,
    leaseTime,
    conclude: async ({ status }) => void concluded.push(status),
  });
  const schema = pipelineSchema(new Map([...steps].map(([kind, { schema }]) => [kind, schema])));
  const pipeline = schema.parse({ pipeline: 'p', on: { push: {} }, stages });
  const head = { commit: 'c', tree: 't' };
  const policy = channel.parse({ channel: 'dev', branch: 'dev' });
  const run = newRun({
    id: 'r1',
    kind: 'pull-request',
    repository: 'a/b',
    base: undefined,
    head,
    policy,
    pipeline,
    clusters: [],
    requestedBy: 'jane',
  });
  await store.runs.create(run);
  const finish = async (worker = 'w1'): Promise<Run> => {
    for (let tries = 0; tries < 200; tries++) {
      await advanceRun(engine(worker), 'r1');
      const now = await store.runs.get('r1');
      if (now && isFinal(now.status)) return now;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error('the run did not end');
  };
  return { store, directory, artifacts, engine, calls, concluded, wakes, finish };
}

export const stage = (name: string, step: string, more: object = {}) => ({
  stage: name,
  steps: [{ [step]: {} }],
  ...more,
});
export const outcomes = (run: Run): Record<string, string> =>
  Object.fromEntries(
    run.stages.map(({ name, status, reason }) => [name, reason === '' ? status : `${status}: ${reason}`]),
  );
