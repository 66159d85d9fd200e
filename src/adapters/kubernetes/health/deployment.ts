import { conditionOf } from './conditions.ts';
import { failed, type HealthRule, progressing, ready } from './verdict.ts';
import { notObserved, podsRefused, replicaFields } from './workload-fields.ts';

/** As `kubectl rollout status`: all replicas of the new template available, none of an old one left. */
export const deploymentHealth: HealthRule = (object, now) => {
  const { spec, status } = replicaFields.parse(object);
  const unseen = notObserved(object, status.observedGeneration);
  if (unseen !== undefined) return unseen;
  const updated = Math.min(status.updatedReplicas, status.availableReplicas);
  const counts = `${updated} of ${spec.replicas} replicas ready`;
  if (conditionOf(status.conditions, 'Progressing')?.reason === 'ProgressDeadlineExceeded') {
    return failed(`${counts}; no progress within its progressDeadlineSeconds`);
  }
  const refused = podsRefused(status.conditions, counts, now);
  if (refused !== undefined) return refused;
  if (status.updatedReplicas < spec.replicas) {
    const why = spec.paused ? 'its rollout is paused' : `${status.updatedReplicas} are of the new revision`;
    return progressing(`${counts}; ${why}`);
  }
  if (status.replicas > status.updatedReplicas) {
    return progressing(`${counts}; ${status.replicas - status.updatedReplicas} of an old revision still run`);
  }
  return status.availableReplicas < status.updatedReplicas ? progressing(counts) : ready(counts);
};
