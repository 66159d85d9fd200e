import { z } from 'zod';

/** What a run was started for: the yardstick of its result. */
export const selection = z.object({
  profile: z.string(),
  skips: z.enum(['allowed', 'not allowed']),
  specs: z.array(z.string()),
});

export type Selection = z.infer<typeof selection>;
