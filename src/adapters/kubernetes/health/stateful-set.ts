import { z } from 'zod';
import { type HealthRule, progressing, ready } from './verdict.ts';
import { notObserved, replicaFields } from './workload-fields.ts';

const updateFields = z.object({
  spec: z
    .object({
      updateStrategy: z
        .object({
          type: z.string().default('RollingUpdate'),
          rollingUpdate: z.object({ partition: z.number().default(0) }).nullish(),
        })
        .prefault({}),
    })
    .prefault({}),
  status: z.object({ currentRevision: z.string().default(''), updateRevision: z.string().default('') }).prefault({}),
});

/** With a partition only the replicas at or above it are to be new; with OnDelete nobody replaces the old ones. */
export const statefulSetHealth: HealthRule = (object) => {
  const { spec, status } = replicaFields.parse(object);
  const unseen = notObserved(object, status.observedGeneration);
  if (unseen !== undefined) return unseen;
  const counts = `${Math.min(status.readyReplicas, status.availableReplicas)} of ${spec.replicas} replicas ready`;
  if (status.readyReplicas < spec.replicas || status.availableReplicas < spec.replicas) return progressing(counts);
  const update = updateFields.parse(object);
  const { type, rollingUpdate } = update.spec.updateStrategy;
  if (type === 'OnDelete') return ready(`${counts}; old ones are replaced when they are deleted (OnDelete)`);
  const partition = rollingUpdate?.partition ?? 0;
  const toUpdate = Math.max(0, spec.replicas - partition);
  const { currentRevision, updateRevision } = update.status;
  if (currentRevision !== updateRevision && status.updatedReplicas < toUpdate) {
    return progressing(`${counts}; ${status.updatedReplicas} of ${toUpdate} are of the new revision`);
  }
  return ready(counts);
};
