import { z } from 'zod';
import { conditionList, conditionOf, sentenceOf } from './conditions.ts';
import { failed, type HealthRule, progressing, ready } from './verdict.ts';

const jobFields = z.object({
  spec: z.object({ suspend: z.boolean().nullish() }).prefault({}),
  status: z
    .object({
      active: z.number().default(0),
      failed: z.number().default(0),
      succeeded: z.number().default(0),
      conditions: conditionList,
    })
    .prefault({}),
});

/** Ready means completed. */
export const jobHealth: HealthRule = (object) => {
  const { spec, status } = jobFields.parse(object);
  const failure = conditionOf(status.conditions, 'Failed') ?? conditionOf(status.conditions, 'FailureTarget');
  if (failure?.status === 'True') return failed(`failed: ${sentenceOf(failure)}`);
  if (conditionOf(status.conditions, 'Complete')?.status === 'True') return ready('completed');
  if (spec.suspend === true) return ready('is suspended');
  const attempts = status.failed > 0 ? `, ${status.failed} pods failed` : '';
  return progressing(`has not completed: ${status.active} pods active, ${status.succeeded} succeeded${attempts}`);
};
