import { describeRef, type ObjectRef } from '../../../domain/manifest.ts';
import type { ObjectHealth } from '../../../ports/kube.ts';
import type { ClusterMemory, Recollection } from '../cluster-memory.ts';
import type { LiveObject } from '../live-object.ts';
import { API_CONCURRENCY, mapBounded } from '../map-bounded.ts';
import type { ObjectApi, Place } from '../object-api.ts';
import { refKey } from '../ref-key.ts';
import { UnservedKinds } from '../unserved-kinds.ts';
import { explain } from './explain.ts';
import { judge, needsOf } from './rules.ts';
import { runEnd } from './run-end.ts';
import { failed, progressing, ready, type Verdict } from './verdict.ts';

const MAX_REASON_LENGTH = 3000;

/** In the order of `objects`. What is not ready is looked into: its pods, their events and logs. */
export async function healthOf(
  api: ObjectApi,
  memory: ClusterMemory,
  objects: ObjectRef[],
  signal: AbortSignal,
  now: () => Date = () => new Date(),
): Promise<ObjectHealth[]> {
  await api.learn(objects, signal);
  const known = { memory: await memory.read(signal), unserved: new UnservedKinds(api) };
  return mapBounded(objects, API_CONCURRENCY, async (ref) => {
    const { health, reason, needs } = await verdictOn(api, known, ref, now(), signal);
    const text = `${describeRef(ref)}: ${reason}`;
    return {
      ref,
      health,
      needs,
      reason: text.length > MAX_REASON_LENGTH ? `${text.slice(0, MAX_REASON_LENGTH)}…` : text,
    };
  });
}

async function verdictOn(
  api: ObjectApi,
  { memory, unserved }: { memory: Recollection; unserved: UnservedKinds },
  ref: ObjectRef,
  now: Date,
  signal: AbortSignal,
): Promise<Verdict & Pick<ObjectHealth, 'needs'>> {
  const place = await api.locateServed(ref, signal);
  const whatever = { needs: undefined };
  if (place === undefined) {
    const why = await unserved.reason(ref, signal);
    const what = `the cluster serves no ${ref.kind} of apiVersion ${ref.apiVersion}`;
    return { ...progressing(why === undefined ? what : `${what}: ${why}`), ...whatever };
  }
  const object = await api.get(place, signal);
  const ended = await verdictOnRun(api, memory, place, object, signal);
  if (object === undefined) return { ...(ended ?? failed('was deleted by someone')), ...whatever };
  return { ...(await verdictOnLive(api, object, now, signal)), needs: needsOf(object) };
}

/** With the cause, when it is not ready. */
export async function verdictOnLive(
  api: ObjectApi,
  object: LiveObject,
  now: Date,
  signal: AbortSignal,
): Promise<Verdict> {
  const verdict = judge(object, now);
  return verdict.health === 'ready' ? verdict : explain(api, object, verdict, now, signal);
}

/** What is remembered of something that ran; undefined if nothing is. Looks while it is there, for then it can tell how it ended. */
async function verdictOnRun(
  api: ObjectApi,
  memory: Recollection,
  place: Place,
  object: LiveObject | undefined,
  signal: AbortSignal,
): Promise<Verdict | undefined> {
  const record = memory.run(refKey(place.ref));
  if (record === undefined) return undefined;
  if (record.end === 'not due') return ready('is a hook whose time has not come');
  const found = await runEnd(api, memory, record, place, object, signal);
  if (found.end === 'completed') return ready('completed, and is gone');
  return failed(
    found.end === 'failed' ? `${found.reason}; it is gone` : 'is gone, and whether it succeeded is not known',
  );
}
