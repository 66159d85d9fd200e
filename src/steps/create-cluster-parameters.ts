import { z } from 'zod';
import { duration } from '../domain/duration.ts';

/** Parameters of the step that makes a run's ephemeral cluster; the steps that work on it read them too. */
export const createClusterParameters = z.strictObject({
  provider: z.string().min(1).default('local'),
  nodes: z.int().min(0).max(10).default(1),
  /** How long the cluster may live before the reaper takes it, whatever became of the run. */
  timeToLive: duration.prefault('2h'),
  /** What the registry would say of the cluster. */
  configItems: z.record(z.string(), z.string()).default({}),
});
