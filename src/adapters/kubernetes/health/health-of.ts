import { describeRef, type ObjectRef } from '../../../domain/manifest.ts';
import type { ObjectHealth } from '../../../ports/kube.ts';
import { API_CONCURRENCY, mapBounded } from '../map-bounded.ts';
import type { ObjectApi } from '../object-api.ts';
import { explain } from './explain.ts';
import { judge, needsOf } from './rules.ts';
import { failed, progressing, type Verdict } from './verdict.ts';

const MAX_REASON_LENGTH = 3000;

/** In the order of `objects`. What is not ready is looked into: its pods, their events and logs. */
export async function healthOf(
  api: ObjectApi,
  objects: ObjectRef[],
  signal: AbortSignal,
  now: () => Date = () => new Date(),
): Promise<ObjectHealth[]> {
  await api.learn(objects, signal);
  return mapBounded(objects, API_CONCURRENCY, async (ref) => {
    const { health, reason, needs } = await verdictOn(api, ref, now(), signal);
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
  ref: ObjectRef,
  now: Date,
  signal: AbortSignal,
): Promise<Verdict & Pick<ObjectHealth, 'needs'>> {
  const place = await api.locate(ref, signal);
  const whatever = { needs: undefined };
  if (place === undefined)
    return { ...progressing(`the cluster serves no ${ref.kind} of apiVersion ${ref.apiVersion}`), ...whatever };
  const object = await api.get(place, signal);
  if (object === undefined) return { ...failed('was deleted by someone'), ...whatever };
  const verdict = judge(object, now);
  const explained = verdict.health === 'ready' ? verdict : await explain(api, object, verdict, now, signal);
  return { ...explained, needs: needsOf(object) };
}
