export const hookEvents = ['pre-install', 'post-install', 'pre-upgrade', 'post-upgrade'] as const;
/** What of a release's life a hook belongs to. Of deleting, rolling back and testing there are none here. */
export type HookEvent = (typeof hookEvents)[number];

export const hookDeletePolicies = ['before-hook-creation', 'hook-succeeded', 'hook-failed'] as const;
export type HookDeletePolicy = (typeof hookDeletePolicies)[number];

/** What Helm's annotations make of an object of a chart. */
export interface Hook {
  events: HookEvent[];
  /** The lightest comes first. */
  weight: number;
  deletePolicies: HookDeletePolicy[];
}
