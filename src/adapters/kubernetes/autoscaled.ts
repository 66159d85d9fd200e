import { z } from 'zod';
import { isJsonObject } from '../../domain/json.ts';
import type { KubernetesObject } from '../../domain/manifest.ts';
import { kindAndGroup } from './apply-order.ts';
import type { Located } from './change-set.ts';
import type { LiveObject } from './live-object.ts';
import { FIELD_MANAGER, type ObjectApi, type Place } from './object-api.ts';
import { refKey } from './ref-key.ts';

/** Owns `spec.replicas` of workloads that an autoscaler scales until that has scaled them once: a field that nobody owns is reset. */
const REPLICAS_MANAGER = 'fairway-autoscaled';

const target = z.object({
  spec: z.object({
    scaleTargetRef: z.object({
      apiVersion: z.string().default('apps/v1'),
      kind: z.string().default('Deployment'),
      name: z.string(),
    }),
  }),
});

const autoscalers = new Set(['HorizontalPodAutoscaler.autoscaling', 'ScaledObject.keda.sh']);

/** The workloads that autoscalers of this change scale, by `refKey`. */
export function autoscaledWorkloads(located: Located[]): ReadonlySet<string> {
  return new Set(
    located.flatMap(({ manifest, place }) => {
      if (!autoscalers.has(kindAndGroup(place.ref))) return [];
      const found = target.safeParse(manifest.object);
      if (!found.success) return [];
      const { namespace } = place.ref;
      return [refKey({ ...found.data.spec.scaleTargetRef, ...(namespace === undefined ? {} : { namespace }) })];
    }),
  );
}

/**
 * The workload as it is to be applied when it is there already: without `spec.replicas`, which is its autoscaler's to say. What we own of it
 * is handed over first; leaving out a field that is ours alone would put it to its default, 1.
 */
export async function leavingReplicas(
  api: ObjectApi,
  place: Place,
  object: KubernetesObject,
  live: LiveObject,
  signal: AbortSignal,
): Promise<KubernetesObject> {
  const replicas = replicasOf(live);
  if (replicas === undefined || !ownsReplicas(live)) return withReplicas(object, undefined);
  const { apiVersion, kind } = object;
  const { name } = place.ref;
  const handover = { apiVersion, kind, metadata: { name }, spec: { replicas } };
  const answer = await api.apply(place, handover, 'persist', signal, REPLICAS_MANAGER);
  // A conflict means that the autoscaler has scaled it in this moment, and owns the field.
  const isOthers = answer.outcome === 'ok' || answer.status === 409;
  return withReplicas(object, isOthers ? undefined : replicas);
}

function replicasOf({ spec }: LiveObject): number | undefined {
  return isJsonObject(spec) && typeof spec.replicas === 'number' ? spec.replicas : undefined;
}

function withReplicas(object: KubernetesObject, replicas: number | undefined): KubernetesObject {
  if (!isJsonObject(object.spec)) return object;
  const { replicas: _, ...rest } = object.spec;
  return { ...object, spec: replicas === undefined ? rest : { ...rest, replicas } };
}

const owned = z.object({ fieldsV1: z.object({ 'f:spec': z.object({ 'f:replicas': z.unknown() }) }) });

function ownsReplicas({ metadata }: LiveObject): boolean {
  return metadata.managedFields.some(
    (entry) =>
      entry.manager === FIELD_MANAGER &&
      entry.operation === 'Apply' &&
      owned.safeParse(entry).data?.fieldsV1['f:spec']['f:replicas'] !== undefined,
  );
}
