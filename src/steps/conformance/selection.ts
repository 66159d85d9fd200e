import { z } from 'zod';

/** What a run was started for: the yardstick of its result. */
export const selection = z.object({
  profile: z.string(),
  skips: z.enum(['allowed', 'not allowed']),
  specs: z.array(z.string()),
  /** What the profile asks for and this cluster can't give, as a sentence. */
  leftOut: z.array(z.string()).default([]),
});

export type Selection = z.infer<typeof selection>;
