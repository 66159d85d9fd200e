import t from 'tap';
import { liveObject } from '../live-object.ts';
import { judge } from './rules.ts';

export const NOW = new Date('2026-01-01T12:00:00Z');
export const JUST_NOW = '2026-01-01T11:59:50Z';
export const LONG_AGO = '2026-01-01T11:00:00Z';

export type Fields = Record<string, unknown>;

export function health(apiVersion: string, kind: string, fields: Fields, metadata: Fields = {}): [string, string] {
  const object = liveObject.parse({
    apiVersion,
    kind,
    metadata: { name: 'it', generation: 2, ...metadata },
    ...fields,
  });
  const verdict = judge(object, NOW);
  return [verdict.health, verdict.reason];
}

/** A row: what is told of it, its fields, health and reason. */
export type Row = [title: string, fields: Fields, health: string, reason: string | RegExp];

export function table(apiVersion: string, kind: string, rows: Row[]): void {
  t.test(kind, async (t) => {
    for (const [title, fields, expected, reason] of rows) {
      t.match(health(apiVersion, kind, fields), [expected, reason], title);
    }
  });
}

export const condition = (type: string, status: string, reason = '', message = '', since = LONG_AGO) => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: since,
});
export const counted = (status: Fields) => ({ spec: { replicas: 3 }, status: { observedGeneration: 2, ...status } });
export const allOf = { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 };
