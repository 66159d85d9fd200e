import { z } from 'zod';
import { readPolicy } from './policy-files.ts';
import { defineStep } from './step.ts';

/** The head's own channels and pipelines must be valid, so that a merge can't leave a channel without rules. */
export function policyStep(stepSchemas: () => ReadonlyMap<string, z.ZodType>) {
  return defineStep({
    kind: 'policy',
    schema: z.strictObject({}),
    needs: ['git'],
    deadline: 60_000,
    late: 'errored',
    async run({ run, world }) {
      const policy = await readPolicy(world.git.repository(run.repository), run.tree, stepSchemas());
      if (policy.problems.length > 0) return { outcome: 'failed', reason: policy.problems.join('\n') };
      return {
        outcome: 'succeeded',
        summary: `${policy.channels.length} channels, ${policy.pipelines.length} pipelines`,
      };
    },
  });
}
