import { z } from 'zod';
import type { LiveObject } from '../live-object.ts';
import type { ObjectApi } from '../object-api.ts';

const EVENTS = { group: '', version: 'v1', kind: 'Event', plural: 'events', words: [], namespaced: true };

const eventFields = z.object({
  reason: z.string().default(''),
  message: z.string().default(''),
  firstTimestamp: z.string().nullish(),
  lastTimestamp: z.string().nullish(),
  eventTime: z.string().nullish(),
});

export interface Warning {
  reason: string;
  message: string;
  /** When it was first said. */
  since: string | undefined;
}

/** The newest event of type Warning about an object. */
export async function lastWarning(
  api: ObjectApi,
  { metadata }: LiveObject,
  signal: AbortSignal,
): Promise<Warning | undefined> {
  const newest = (await eventsOf(api, metadata, { type: 'Warning' }, signal)).at(-1);
  if (newest === undefined) return undefined;
  const { reason, message, firstTimestamp, eventTime } = newest;
  return { reason, message: message.trim(), since: firstTimestamp ?? eventTime ?? undefined };
}

type Event = z.infer<typeof eventFields>;

/** Events about an object, which may be gone; the newest comes last. */
export async function eventsOf(
  api: ObjectApi,
  { uid, namespace = 'default' }: { uid: string; namespace?: string | undefined },
  fields: { type?: string },
  signal: AbortSignal,
): Promise<Event[]> {
  const wanted = Object.entries({ 'involvedObject.uid': uid, ...fields });
  const fieldSelector = wanted.map(([field, value]) => `${field}=${value}`).join(',');
  const events = await api.list(EVENTS, namespace, { fieldSelector }, signal);
  return events.map((event) => eventFields.parse(event)).sort((a, b) => timeOf(a).localeCompare(timeOf(b)));
}

function timeOf(event: Event): string {
  return event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp ?? '';
}
