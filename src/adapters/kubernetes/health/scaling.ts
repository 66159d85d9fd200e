import { z } from 'zod';
import { conditionList, conditionOf, sentenceOf } from './conditions.ts';
import { type HealthRule, progressing, ready } from './verdict.ts';
import { notObserved } from './workload-fields.ts';

const autoscalerFields = z.object({ status: z.object({ conditions: conditionList }).prefault({}) });

/** Missing metrics are no fault of the object: it scales when they come. */
export const autoscalerHealth: HealthRule = (object) => {
  const { conditions } = autoscalerFields.parse(object).status;
  const able = conditionOf(conditions, 'AbleToScale');
  if (able?.status === 'False') return progressing(`is not able to scale: ${sentenceOf(able)}`);
  const active = conditionOf(conditions, 'ScalingActive');
  return ready(active?.status === 'False' ? `exists; does not scale yet: ${sentenceOf(active)}` : 'exists');
};

const budgetFields = z.object({
  status: z
    .object({
      observedGeneration: z.number().default(0),
      expectedPods: z.number().default(0),
      currentHealthy: z.number().default(0),
      desiredHealthy: z.number().default(0),
    })
    .prefault({}),
});

export const disruptionBudgetHealth: HealthRule = (object) => {
  const { status } = budgetFields.parse(object);
  const unseen = notObserved(object, status.observedGeneration);
  if (unseen !== undefined) return unseen;
  if (status.expectedPods === 0) return ready('selects no pods');
  const counts = `${status.currentHealthy} of at least ${status.desiredHealthy} pods healthy`;
  return status.currentHealthy < status.desiredHealthy ? progressing(counts) : ready(counts);
};
