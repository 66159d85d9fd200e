import { z } from 'zod';

/** An object as the API server returns it; what else it carries is kept as it is. */
export const liveObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    uid: z.string().default(''),
    resourceVersion: z.string().default(''),
    generation: z.number().optional(),
    creationTimestamp: z.string().nullish(),
    deletionTimestamp: z.string().nullish(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
    ownerReferences: z.array(z.looseObject({ kind: z.string(), name: z.string(), uid: z.string() })).default([]),
    managedFields: z
      .array(
        z.looseObject({
          manager: z.string().optional(),
          operation: z.string().optional(),
          subresource: z.string().optional(),
        }),
      )
      .default([]),
    finalizers: z.array(z.string()).default([]),
  }),
});

export type LiveObject = z.infer<typeof liveObject>;

/** Deletion has been asked for; finalizers or running pods hold it. */
export function isBeingDeleted(object: LiveObject): boolean {
  return object.metadata.deletionTimestamp != null;
}
