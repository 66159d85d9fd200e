import { z } from 'zod';
import { conditionList, conditionOf, sentenceOf } from './conditions.ts';
import { failed, type HealthRule, progressing, ready } from './verdict.ts';
import { notObserved } from './workload-fields.ts';

const conventionalFields = z.object({
  status: z.object({ observedGeneration: z.number().optional(), conditions: conditionList }).prefault({}),
});

/**
 * For kinds without a rule of their own: the conventions of kstatus (observedGeneration, Stalled, Reconciling, Ready).
 * An object that follows none of them is ready when it exists.
 */
export const conventionalHealth: HealthRule = (object) => {
  const fields = conventionalFields.safeParse(object);
  // A custom resource is free to use these names for something else.
  if (!fields.success) return ready('exists');
  const { observedGeneration, conditions } = fields.data.status;
  const unseen = observedGeneration === undefined ? undefined : notObserved(object, observedGeneration);
  if (unseen !== undefined) return unseen;
  const stalled = conditionOf(conditions, 'Stalled');
  if (stalled?.status === 'True') return failed(`is stalled: ${sentenceOf(stalled)}`);
  const reconciling = conditionOf(conditions, 'Reconciling');
  if (reconciling?.status === 'True') return progressing(`is being reconciled: ${sentenceOf(reconciling)}`);
  const readiness = conditionOf(conditions, 'Ready');
  if (readiness === undefined) return ready('exists');
  return readiness.status === 'True' ? ready('ready') : progressing(`is not ready: ${sentenceOf(readiness)}`);
};
