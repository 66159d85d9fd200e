import { z } from 'zod';
import type { LiveObject } from '../live-object.ts';
import { type Condition, conditionList, conditionOf } from './conditions.ts';
import { failed, lasts, progressing, type Verdict } from './verdict.ts';

/** The counters that Deployments, ReplicaSets and StatefulSets share. */
export const replicaFields = z.object({
  spec: z.object({ replicas: z.number().default(1), paused: z.boolean().default(false) }).prefault({}),
  status: z
    .object({
      observedGeneration: z.number().default(0),
      replicas: z.number().default(0),
      updatedReplicas: z.number().default(0),
      readyReplicas: z.number().default(0),
      availableReplicas: z.number().default(0),
      conditions: conditionList,
    })
    .prefault({}),
});

/** Its status still speaks of an older spec. */
export function notObserved(object: LiveObject, observedGeneration: number): Verdict | undefined {
  return observedGeneration < (object.metadata.generation ?? 0)
    ? progressing('its controller has not seen the change yet')
    : undefined;
}

/** Pods are refused, by a quota or an admission rule. */
export function podsRefused(conditions: Condition[], counts: string, now: Date): Verdict | undefined {
  const condition = conditionOf(conditions, 'ReplicaFailure');
  if (condition?.status !== 'True') return undefined;
  const reason = `${counts}; no pod can be created: ${condition.message}`;
  return lasts(condition.lastTransitionTime, now) ? failed(reason) : progressing(reason);
}

const observed = z.object({ status: z.object({ observedGeneration: z.number().default(0) }).prefault({}) });

/** Whether a workload's controller has seen its newest spec. Jobs don't tell, and have but one. */
export function isObserved(workload: LiveObject): boolean {
  if (workload.kind === 'Job') return true;
  return observed.parse(workload).status.observedGeneration >= (workload.metadata.generation ?? 0);
}
