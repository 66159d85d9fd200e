import type { z } from 'zod';
import type { Json, JsonObject } from '../domain/json.ts';
import type { Run, StageRecord } from '../domain/run.ts';
import type { World } from './world.ts';

/** What a call of a step came to. Waiting is a result: no worker sleeps in a step. */
export type StepOutcome =
  | { outcome: 'succeeded'; summary: string; output?: Json }
  /** The world said no. */
  | { outcome: 'failed'; reason: string; output?: Json }
  /** Nothing can be said: never green. */
  | { outcome: 'unknown'; reason: string; output?: Json }
  | { outcome: 'skipped'; reason: string }
  /** Call again after so many milliseconds; `memo` is handed to the next call. */
  | { outcome: 'running'; progress: string; retryAfter: number; memo?: Json };

export interface StepContext<Needs extends keyof World> {
  run: Run;
  stage: StageRecord;
  /** What the last call that returned `running` left, or null. */
  memo: Json;
  /** When this step was first called, epoch milliseconds. */
  startedAt: number;
  /** Only the powers that the step declared. */
  world: Pick<World, Needs>;
  log(text: string): void;
  /** Ends when the worker loses the run or the deadline passes. */
  signal: AbortSignal;
}

/** One word of a pipeline, ready for the engine. */
export interface Step {
  kind: string;
  schema: z.ZodType;
  /** Milliseconds from the first call, if neither the stage nor `deadlineOf` says otherwise. */
  deadline(params: JsonObject): number;
  /** What it means when the deadline passes: the world said no, or we could not tell. */
  late: 'failed' | 'errored';
  run(context: StepContext<keyof World>, params: JsonObject): Promise<StepOutcome>;
  /** Ends what the step has left running outside, when the run is cancelled. Can be repeated. */
  stop(context: StepContext<keyof World>): Promise<void>;
}

export interface StepDefinition<Schema extends z.ZodType, Needs extends keyof World> {
  kind: string;
  schema: Schema;
  needs: readonly Needs[];
  deadline: number | ((params: z.output<Schema>) => number);
  late: 'failed' | 'errored';
  run(context: StepContext<Needs>, params: z.output<Schema>): Promise<StepOutcome>;
  stop?(context: StepContext<Needs>): Promise<void>;
}

/** Defines a step: its parameters come parsed, and of the world it is handed only what it needs. */
export function defineStep<Schema extends z.ZodType, Needs extends keyof World>(
  definition: StepDefinition<Schema, Needs>,
): Step {
  const { kind, schema, needs, deadline, late } = definition;
  const narrow = (context: StepContext<keyof World>): StepContext<Needs> => ({
    ...context,
    world: pick(context.world, needs),
  });
  return {
    kind,
    schema,
    late,
    deadline: (params) => (typeof deadline === 'number' ? deadline : deadline(schema.parse(params))),
    run: (context, params) => definition.run(narrow(context), schema.parse(params)),
    stop: async (context) => definition.stop?.(narrow(context)),
  };
}

function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return keys.reduce((picked, key) => Object.assign(picked, { [key]: from[key] }), {} as Pick<T, K>);
}
