import { z } from 'zod';
import { duration } from './duration.ts';
import { isJsonObject, type JsonObject } from './json.ts';

export interface PipelineStep {
  kind: string;
  /** As it was written and found valid; the step reads it by its own schema. */
  with: JsonObject;
}

export interface PipelineStage {
  stage: string;
  /** Stages that must have succeeded first; by default the stage written before it. */
  after: string[];
  /** Runs even when earlier stages failed or the run was cancelled: for cleaning up. */
  always: boolean;
  /** In a rollout: once per cluster of each wave, or once per wave. */
  forEach: 'cluster' | 'wave' | undefined;
  /** Milliseconds from the stage's start, instead of its steps' own deadlines. */
  timeout: number | undefined;
  steps: PipelineStep[];
}

export interface Pipeline {
  pipeline: string;
  on: { event: 'pull-request'; branches: string[]; ignorePaths: string[] } | { event: 'push' } | { event: 'converged' };
  stages: PipelineStage[];
}

const stageName = z.string().regex(/^[a-z][-a-z0-9]{0,39}$/, 'use lower-case letters, digits and "-"');

const on = z
  .strictObject({
    pullRequest: z
      .strictObject({ branches: z.array(z.string()).min(1), ignorePaths: z.array(z.string()).default([]) })
      .optional(),
    push: z.strictObject({}).optional(),
    converged: z.strictObject({}).optional(),
  })
  .transform((value, context): Pipeline['on'] => {
    if (Object.values(value).filter((event) => event !== undefined).length === 1) {
      if (value.pullRequest) return { event: 'pull-request', ...value.pullRequest };
      return { event: value.push ? 'push' : 'converged' };
    }
    context.addIssue({ code: 'custom', message: 'name exactly one of pullRequest, push, converged' });
    return z.NEVER;
  });

/** A step in YAML is one word with its parameters: `{apply: {revision: head}}`. */
function stepSchema(steps: ReadonlyMap<string, z.ZodType>) {
  return z.record(z.string(), z.unknown()).transform((value, context): PipelineStep => {
    const [kind, ...more] = Object.keys(value);
    const schema = kind === undefined ? undefined : steps.get(kind);
    if (kind === undefined || more.length > 0 || schema === undefined) {
      const known = [...steps.keys()].sort().join(', ');
      const found = kind === undefined ? 'nothing' : more.length > 0 ? `${kind}, ${more.join(', ')}` : `"${kind}"`;
      context.addIssue({ code: 'custom', message: `a step is one of ${known}; found ${found}` });
      return z.NEVER;
    }
    const written = value[kind] ?? {};
    const parsed = schema.safeParse(written);
    if (parsed.success && isJsonObject(written)) return { kind, with: written };
    for (const issue of parsed.error?.issues ?? []) {
      context.addIssue({ code: 'custom', message: issue.message, path: [kind, ...issue.path] });
    }
    return z.NEVER;
  });
}

/** The schema of `pipelines/*.yaml`, for the step kinds that exist. */
export function pipelineSchema(steps: ReadonlyMap<string, z.ZodType>) {
  const stage = z.strictObject({
    stage: stageName,
    after: z.array(z.string()).optional(),
    always: z.boolean().default(false),
    forEach: z.enum(['cluster', 'wave']).optional(),
    timeout: duration.optional(),
    steps: z.array(stepSchema(steps)).min(1),
  });
  return z
    .strictObject({ pipeline: stageName, on, stages: z.array(stage).min(1) })
    .superRefine(({ stages }, context) => {
      const earlier = new Set<string>();
      for (const [index, { stage, after }] of stages.entries()) {
        if (earlier.has(stage)) {
          context.addIssue({
            code: 'custom',
            message: `the stage "${stage}" is there twice`,
            path: ['stages', index, 'stage'],
          });
        }
        for (const [place, name] of (after ?? []).entries()) {
          if (earlier.has(name)) continue;
          const message = `"${name}" is no earlier stage; earlier are: ${[...earlier].join(', ') || 'none'}`;
          context.addIssue({ code: 'custom', message, path: ['stages', index, 'after', place] });
        }
        earlier.add(stage);
      }
    })
    .transform(
      (file): Pipeline => ({
        ...file,
        stages: file.stages.map((stage, index) => completeStage(stage, file.stages.slice(0, index))),
      }),
    );
}

type WrittenStage = Omit<PipelineStage, 'after' | 'forEach' | 'timeout'> & {
  after?: string[] | undefined;
  forEach?: 'cluster' | 'wave' | undefined;
  timeout?: number | undefined;
};

function completeStage(stage: WrittenStage, earlier: WrittenStage[]): PipelineStage {
  const previous = earlier.at(-1);
  const implied = stage.always ? earlier.map(({ stage }) => stage) : previous === undefined ? [] : [previous.stage];
  return { ...stage, after: stage.after ?? implied, forEach: stage.forEach, timeout: stage.timeout };
}
