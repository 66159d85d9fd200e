import { z } from 'zod';
import { duration } from './duration.ts';

const name = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/, 'use lower-case letters, digits and "-", at most 40 characters');

/** `2`, or `25%` of the clusters of the wave (at least one). */
const maxUnavailable = z.union([
  z.int().positive(),
  z.string().regex(/^([1-9]\d?|100)%$/, 'write a number of clusters, or a percentage like "25%"'),
]);

/** What is looked at, cluster by cluster, before a wave counts as done. */
export const gateWords = ['nodes', 'capacity', 'endpoints', 'api'] as const;

export type GateWord = (typeof gateWords)[number];

const wave = z.strictObject({
  name,
  /** Which clusters; a wave without `match` takes all that no earlier wave took. */
  match: z
    .strictObject({
      criticality: z.array(z.int()).min(1).optional(),
      environment: z.array(z.string()).min(1).optional(),
      cluster: z.array(z.string()).min(1).optional(),
    })
    .optional(),
  maxUnavailable: maxUnavailable.default(1),
  soak: duration.optional(),
});

const rollout = z.strictObject({
  waves: z
    .array(wave)
    .min(1)
    .default([{ name: 'all', maxUnavailable: 1 }]),
  /** How many clusters may fail before the rollout halts. */
  failureBudget: z.int().nonnegative().default(0),
  gates: z.array(z.enum(gateWords)).default([...gateWords]),
  /** Whether clusters go back to what the channel had converged to when a rollout halts: by itself, when someone says so, or not at all. */
  rollback: z.enum(['auto', 'manual', 'never']).default('manual'),
});

const promotion = z.strictObject({
  to: name,
  /** How long all clusters of the channel must have been converged before the promotion is proposed. */
  soak: duration.default(0),
  open: z.enum(['auto', 'manual']).default('auto'),
  merge: z.enum(['auto', 'manual']).default('manual'),
});

const folder = z
  .string()
  .min(1)
  .refine(
    (path) => !path.startsWith('/') && !path.split('/').includes('..'),
    'name a folder of the config repository, like "cluster" or "teams/search"',
  );

const sources = z
  .array(
    z.strictObject({
      /** Begins its components' names, and is what a cluster's `override_channel` names. */
      name,
      folder,
    }),
  )
  .min(1)
  .superRefine((list, context) => {
    for (const [index, { name }] of list.entries()) {
      if (list.findIndex((other) => other.name === name) === index) continue;
      context.addIssue({ code: 'custom', message: `the source "${name}" is there twice`, path: [index, 'name'] });
    }
  });

const pullRequests = z.strictObject({
  /** Whether drafts are proven as they are, or wait for the mark "ready for review", or for /test. */
  drafts: z.enum(['prove', 'wait']).default('prove'),
  /** What a change of what judges it needs, that is of channels, pipelines and suites: that it is told of, or an approving review too. */
  gateChanges: z.enum(['tell', 'review']).default('tell'),
});

/** A channel file: `channels/<name>.yaml`. */
export const channel = z.strictObject({
  channel: name,
  branch: z.string().min(1),
  /**
   * The folder of the config repository that holds the desired state, or several: the first has stacks and node pools, the
   * later ones add components, deletions and defaults, and win over earlier ones.
   */
  source: z.union([folder, sources]).default('cluster'),
  pullRequests: pullRequests.prefault({}),
  promotion: promotion.optional(),
  rollout: rollout.prefault({}),
});

export type Channel = z.infer<typeof channel>;
export type ChannelSource = z.infer<typeof sources>[number];

/** The channel's sources in order; a single folder is called `main`. */
export function sourcesOf({ source }: Pick<Channel, 'source'>): ChannelSource[] {
  return typeof source === 'string' ? [{ name: 'main', folder: source }] : source;
}

export type Wave = z.infer<typeof wave>;
