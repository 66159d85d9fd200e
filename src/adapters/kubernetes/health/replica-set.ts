import { type HealthRule, progressing, ready } from './verdict.ts';
import { notObserved, podsRefused, replicaFields } from './workload-fields.ts';

/** ReplicaSets, and ReplicationControllers alike. */
export const replicaSetHealth: HealthRule = (object, now) => {
  const { spec, status } = replicaFields.parse(object);
  const unseen = notObserved(object, status.observedGeneration);
  if (unseen !== undefined) return unseen;
  const counts = `${status.availableReplicas} of ${spec.replicas} replicas ready`;
  const refused = podsRefused(status.conditions, counts, now);
  if (refused !== undefined) return refused;
  return status.availableReplicas < spec.replicas ? progressing(counts) : ready(counts);
};
