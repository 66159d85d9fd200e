import { z } from 'zod';
import { type HealthRule, progressing, ready } from './verdict.ts';
import { notObserved } from './workload-fields.ts';

const daemonSetFields = z.object({
  spec: z.object({ updateStrategy: z.object({ type: z.string().default('RollingUpdate') }).prefault({}) }).prefault({}),
  status: z
    .object({
      observedGeneration: z.number().default(0),
      desiredNumberScheduled: z.number().default(0),
      updatedNumberScheduled: z.number().default(0),
      numberAvailable: z.number().default(0),
    })
    .prefault({}),
});

export const daemonSetHealth: HealthRule = (object) => {
  const { spec, status } = daemonSetFields.parse(object);
  const unseen = notObserved(object, status.observedGeneration);
  if (unseen !== undefined) return unseen;
  const desired = status.desiredNumberScheduled;
  const counts = `${status.numberAvailable} of ${desired} pods ready`;
  if (spec.updateStrategy.type !== 'OnDelete' && status.updatedNumberScheduled < desired) {
    return progressing(`${counts}; ${status.updatedNumberScheduled} are of the new revision`);
  }
  return status.numberAvailable < desired ? progressing(counts) : ready(counts);
};
