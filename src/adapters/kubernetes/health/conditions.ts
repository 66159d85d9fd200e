import { z } from 'zod';

/** A status that nobody has filled in yet may say `conditions: null`. */
export const conditionList = z
  .array(
    z.object({
      type: z.string(),
      status: z.string(),
      reason: z.string().default(''),
      message: z.string().default(''),
      lastTransitionTime: z.string().nullish(),
    }),
  )
  .nullish()
  .transform((conditions) => conditions ?? []);

export type Condition = z.infer<typeof conditionList>[number];

export function conditionOf(conditions: Condition[], type: string): Condition | undefined {
  return conditions.find((condition) => condition.type === type);
}

/** `FailedCreate: exceeded quota`, or whichever of the two there is. */
export function sentenceOf({ reason, message }: { reason: string; message: string }): string {
  return [reason, message].filter((part) => part !== '').join(': ');
}
