import { kindAndGroup } from '../apply-order.ts';
import { isBeingDeleted, type LiveObject } from '../live-object.ts';
import type { ObjectApi } from '../object-api.ts';
import { awaitsFirstConsumer } from './awaits-first-consumer.ts';
import { lastWords } from './last-words.ts';
import { judgePod, type PodVerdict } from './pod.ts';
import { failed, lasts, ready, type Verdict } from './verdict.ts';
import { lastWarning } from './warnings.ts';
import { isObserved } from './workload-fields.ts';
import { WORKLOAD_KINDS } from './workload-kinds.ts';
import { currentPods, makerOf } from './workload-pods.ts';

/**
 * The cause behind an object that is not ready. A workload with a pod of its newest revision that has failed has failed
 * itself, long before its own deadline; pods of older revisions don't count.
 */
export async function explain(
  api: ObjectApi,
  object: LiveObject,
  verdict: Verdict,
  now: Date,
  signal: AbortSignal,
): Promise<Verdict> {
  if (isBeingDeleted(object)) return verdict;
  const type = kindAndGroup(object);
  if (type === 'Pod') return explainPod(api, object, judgePod(object, now), signal);
  if (type === 'PersistentVolumeClaim') {
    if (await awaitsFirstConsumer(api, object, signal)) return ready('waits for the first pod that uses it');
    return withWarning(api, object, verdict, signal);
  }
  return WORKLOAD_KINDS.has(type) ? explainWorkload(api, object, verdict, now, signal) : verdict;
}

async function explainWorkload(
  api: ObjectApi,
  object: LiveObject,
  verdict: Verdict,
  now: Date,
  signal: AbortSignal,
): Promise<Verdict> {
  // Until its controller has seen the change, the newest pods are those of the revision before.
  if (!isObserved(object)) return verdict;
  const maker = await makerOf(api, object, signal);
  const pods = maker === undefined ? [] : await currentPods(api, object, maker, signal);
  const worst = pods
    .map((pod) => ({ pod, judged: judgePod(pod, now) }))
    .filter(({ judged }) => judged.health !== 'ready')
    .sort((a, b) => rank(a.judged) - rank(b.judged))[0];
  if (worst === undefined) return explainMissingPods(api, maker ?? object, pods.length, verdict, now, signal);
  const cause = await explainPod(api, worst.pod, worst.judged, signal);
  // A Job makes up for failed pods until its backoffLimit; its own word counts.
  const doomed = cause.health === 'failed' && object.kind !== 'Job';
  return {
    health: doomed ? 'failed' : verdict.health,
    reason: `${verdict.reason}; pod ${worst.pod.metadata.name}: ${cause.reason}`,
  };
}

/** Pods that could not be created leave no trace but the events of what was to make them. */
async function explainMissingPods(
  api: ObjectApi,
  maker: LiveObject,
  pods: number,
  verdict: Verdict,
  now: Date,
  signal: AbortSignal,
): Promise<Verdict> {
  if (verdict.health === 'failed' && verdict.reason.includes('no pod can be created')) return verdict;
  const warning = pods === 0 ? await lastWarning(api, maker, signal) : undefined;
  if (warning === undefined || verdict.reason.includes(warning.message)) return verdict;
  const reason = `${verdict.reason}; ${warning.reason}: ${warning.message}`;
  return warning.reason === 'FailedCreate' && lasts(warning.since, now) ? failed(reason) : { ...verdict, reason };
}

async function explainPod(api: ObjectApi, pod: LiveObject, judged: PodVerdict, signal: AbortSignal): Promise<Verdict> {
  const { health, reason, container } = judged;
  const words = container === undefined ? '' : await lastWords(api, pod, container, signal);
  if (words !== '') return { health, reason: `${reason}\n${words}` };
  return health === 'failed' ? { health, reason } : withWarning(api, pod, { health, reason }, signal);
}

async function withWarning(
  api: ObjectApi,
  object: LiveObject,
  verdict: Verdict,
  signal: AbortSignal,
): Promise<Verdict> {
  const warning = await lastWarning(api, object, signal);
  if (warning === undefined || verdict.reason.includes(warning.message)) return verdict;
  return { ...verdict, reason: `${verdict.reason}; ${warning.reason}: ${warning.message}` };
}

function rank({ health, container }: PodVerdict): number {
  return health === 'failed' ? 0 : container !== undefined ? 1 : 2;
}
