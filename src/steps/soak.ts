import { z } from 'zod';
import { duration, formatDuration } from '../domain/duration.ts';
import { defineStep } from './step.ts';

/** Lets time pass, so that what shows late can show. */
export const soak = defineStep({
  kind: 'soak',
  schema: z.strictObject({ for: duration.prefault('0s') }),
  needs: [],
  deadline: ({ for: time }) => time + 60_000,
  late: 'errored',
  async run({ startedAt }, { for: time }) {
    const left = startedAt + time - Date.now();
    if (left <= 0) return { outcome: 'succeeded', summary: `soaked for ${formatDuration(time)}` };
    return {
      outcome: 'running',
      progress: `soaking, ${formatDuration(left)} left`,
      retryAfter: Math.min(left, 60_000),
    };
  },
});
