import type { Health } from '../../../ports/kube.ts';
import type { LiveObject } from '../live-object.ts';

/** How an object does, with a reason for people that doesn't repeat the object's name. */
export interface Verdict {
  health: Health;
  reason: string;
}

/** Reads an object as the API server returned it. Pure: `now` is given, since some states count only when they last. */
export type HealthRule = (object: LiveObject, now: Date) => Verdict;

export const ready = (reason: string): Verdict => ({ health: 'ready', reason });
export const progressing = (reason: string): Verdict => ({ health: 'progressing', reason });
export const failed = (reason: string): Verdict => ({ health: 'failed', reason });

/**
 * How long a state that may mend itself (an image not pushed yet, a Secret that an operator makes, a quota) may last
 * before it counts as failed.
 */
export const PATIENCE_MS = 30_000;

export function lasts(since: string | null | undefined, now: Date): boolean {
  return since != null && now.getTime() - Date.parse(since) > PATIENCE_MS;
}
