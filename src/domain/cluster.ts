import { z } from 'zod';

/** The life of a cluster in the registry, in the words of the Cluster Registry API. */
export const lifecycleStatuses = [
  'requested',
  'creating',
  'ready',
  'decommission-requested',
  'decommissioned',
] as const;

const configItems = z.record(z.string(), z.string());

export const nodePool = z.object({
  name: z.string().min(1),
  profile: z.string().min(1),
  instance_types: z.array(z.string()).default([]),
  discount_strategy: z.string().default(''),
  min_size: z.int().nonnegative().default(0),
  max_size: z.int().nonnegative().default(0),
  config_items: configItems.default({}),
});

export const clusterStatus = z.object({
  current_version: z.string().default(''),
  next_version: z.string().default(''),
  last_version: z.string().default(''),
  problems: z.array(z.object({ type: z.string(), title: z.string(), detail: z.string().optional() })).default([]),
});

/**
 * A cluster as the registry knows it, in the wire format of the Cluster Registry API (hence the snake case), complete:
 * every reader may rely on every field. Source: the swagger published with Zalando's Cluster Lifecycle Manager.
 */
export const cluster = z.object({
  id: z.string().min(1),
  alias: z.string().min(1),
  local_id: z.string().min(1),
  api_server_url: z.string(),
  channel: z.string().min(1),
  environment: z.string().default('production'),
  criticality_level: z.int32().default(1),
  lifecycle_status: z.enum(lifecycleStatuses).default('ready'),
  provider: z.string().min(1),
  region: z.string().default('local'),
  infrastructure_account: z.string().default('local'),
  owner: z.string().default(''),
  account_name: z.string().default(''),
  created_at: z.string().default('1970-01-01T00:00:00Z'),
  config_items: configItems.default({}),
  node_pools: z.array(nodePool).default([]),
  status: clusterStatus.prefault({}),
});

export type Cluster = z.infer<typeof cluster>;
export type NodePool = z.infer<typeof nodePool>;
export type ClusterStatus = z.infer<typeof clusterStatus>;
