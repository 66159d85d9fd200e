import { describeRef } from '../../domain/manifest.ts';
import type { Refusal } from '../../ports/kube.ts';
import { type Applied, type Applying, sendObject } from './apply-objects.ts';
import { type Located, refusal, refusalByServer } from './change-set.ts';
import type { RunRecord } from './cluster-memory.ts';
import { definitionDigest, runsToEnd } from './definition-digest.ts';
import { verdictOnLive } from './health/health-of.ts';
import { runEnd } from './health/run-end.ts';
import { type LiveObject, liveObject } from './live-object.ts';
import { refKey } from './ref-key.ts';
import { dueHooks, type HookTime, type ReleasePlan } from './release-plan.ts';
import { makeWay } from './replacement.ts';

/** How long the events of something that is gone may take to be seen. */
const EVENTS_MS = 10_000;

type Turn = { turn: 'through' } | { turn: 'waiting'; reason: string } | { turn: 'refused'; refusal: Refusal };

/** The hooks of a release that are due before or after its objects, one after another; each that is through is remembered. */
export async function runHooks(applying: Applying, plan: ReleasePlan, time: HookTime): Promise<Applied> {
  const result: Applied = { objects: [], refusals: [], waiting: [] };
  const hooks = dueHooks(plan, time);
  for (const hook of hooks) {
    const word = `${time} ${refKey(hook.place.ref)}`;
    const release = applying.memory.release(plan.name);
    if (release === undefined || release.done.includes(word)) continue;
    const what = `${describeRef(hook.place.ref)}, a ${time}-${plan.event} hook of chart ${plan.name}`;
    const turn = await takeTurn(applying, hook, `${plan.digest} ${time}`, what);
    if (turn.turn === 'waiting') return { ...result, waiting: [turn.reason] };
    if (turn.turn === 'refused') return { ...result, refusals: [turn.refusal] };
    const is = { ...release, done: [...release.done, word] };
    await applying.memory.write({ what: 'release', of: plan.name, is }, applying.signal);
    result.objects.push({ ref: hook.place.ref, change: 'created' });
  }
  for (const hook of hooks) await deleteIfDone(applying, hook);
  return result;
}

/** Notes that an install or upgrade begins, unless it has. */
export async function beginRelease({ memory, options, signal }: Applying, plan: ReleasePlan): Promise<void> {
  const { name, digest, event, hooks } = plan;
  if (event === 'none') return;
  if (memory.release(name)?.digest !== digest)
    await memory.write({ what: 'release', of: name, is: { digest, event, done: [], finished: false } }, signal);
  const due = [...dueHooks(plan, 'pre'), ...dueHooks(plan, 'post')];
  for (const { place } of hooks.filter((hook) => !due.includes(hook))) {
    const of = refKey(place.ref);
    if (memory.run(of) !== undefined) continue;
    const is = { definition: '', uid: '', attempt: options.attempt, occasion: '', end: 'not due', reason: '' } as const;
    await memory.write({ what: 'run', of, is }, signal);
  }
}

export async function finishRelease({ memory, signal }: Applying, { name, event }: ReleasePlan): Promise<void> {
  const release = memory.release(name);
  if (event === 'none' || release === undefined) return;
  await memory.write({ what: 'release', of: name, is: { ...release, finished: true } }, signal);
}

/** Begins a hook, or looks how it does. `occasion` is the same for one install or upgrade. */
async function takeTurn(applying: Applying, hook: Located, occasion: string, what: string): Promise<Turn> {
  const { api, memory, options, signal } = applying;
  const record = memory.run(refKey(hook.place.ref));
  const live = await api.get(hook.place, signal);
  if (record?.occasion !== occasion || isForAnotherTry(record, options.attempt))
    return begin(applying, hook, live, occasion, what);
  // A crash came between making it and noting what was made.
  if (record.uid === '')
    return live === undefined ? make(applying, hook, record, what) : note(applying, hook, record, live, what);
  return look(applying, hook, record, live, what);
}

function isForAnotherTry(record: RunRecord, attempt: string): boolean {
  return record.attempt !== attempt && (record.end === 'failed' || record.missedSince !== undefined);
}

/** What is there of an earlier time goes first. Objects that don't run are changed instead. */
async function begin(
  applying: Applying,
  hook: Located,
  live: LiveObject | undefined,
  occasion: string,
  what: string,
): Promise<Turn> {
  const { api, memory, options, signal } = applying;
  if (runsToEnd(hook.manifest.object)) {
    const way = await makeWay(api, hook.place, live, signal);
    if (way.outcome === 'waiting') return { turn: 'waiting', reason: way.reason };
    if (way.outcome === 'refused') return { turn: 'refused', refusal: refusalByServer(hook, way) };
  }
  const definition = definitionDigest(hook.manifest.object);
  const record: RunRecord = { definition, uid: '', attempt: options.attempt, occasion, reason: '' };
  await memory.write({ what: 'run', of: refKey(hook.place.ref), is: record }, signal);
  return make(applying, hook, record, what);
}

async function make(applying: Applying, hook: Located, record: RunRecord, what: string): Promise<Turn> {
  const live = await applying.api.get(hook.place, applying.signal);
  const answer = await sendObject(applying, hook, live);
  if (answer.outcome === 'waiting') return { turn: 'waiting', reason: answer.reason };
  if (answer.outcome === 'refused') return { turn: 'refused', refusal: refusalByServer(hook, answer) };
  return note(applying, hook, record, liveObject.parse(answer.body), what);
}

async function note(
  { memory, options, signal }: Applying,
  hook: Located,
  record: RunRecord,
  live: LiveObject,
  what: string,
): Promise<Turn> {
  const runs = runsToEnd(hook.manifest.object);
  const is: RunRecord = { ...record, uid: live.metadata.uid, ...(runs ? {} : { end: 'completed' }) };
  await memory.write({ what: 'run', of: refKey(hook.place.ref), is }, signal);
  return runs && options.hooks === 'wait' ? { turn: 'waiting', reason: `${what}, has begun` } : { turn: 'through' };
}

async function look(
  applying: Applying,
  hook: Located,
  record: RunRecord,
  live: LiveObject | undefined,
  what: string,
): Promise<Turn> {
  const { api, memory, options, signal } = applying;
  if (options.hooks === 'start') return { turn: 'through' };
  const found = await runEnd(api, memory, record, hook.place, live, signal);
  if (found.end === 'completed') return { turn: 'through' };
  if (found.end === 'failed') {
    if (hook.manifest.hook?.deletePolicies.includes('hook-failed')) await remove(applying, hook, record);
    return refused(hook, `${what}, ${found.reason}`);
  }
  if (live !== undefined && found.end === 'running') {
    const { reason } = await verdictOnLive(api, live, new Date(), signal);
    return { turn: 'waiting', reason: `${what}, ${reason}` };
  }
  const { missedSince = Date.now() } = record;
  if (Date.now() - missedSince > EVENTS_MS)
    return refused(hook, `${what}, is gone, and whether it succeeded is not known`);
  const is = { ...record, missedSince };
  await memory.write({ what: 'run', of: refKey(hook.place.ref), is }, signal);
  return { turn: 'waiting', reason: `${what}, is gone; its events are looked for` };
}

function refused({ manifest, place }: Located, message: string): Turn {
  return { turn: 'refused', refusal: refusal(manifest, message, place.ref) };
}

async function deleteIfDone(applying: Applying, hook: Located): Promise<void> {
  const record = applying.memory.run(refKey(hook.place.ref));
  const goes = hook.manifest.hook?.deletePolicies.includes('hook-succeeded') === true;
  if (goes && record?.end === 'completed') await remove(applying, hook, record);
}

/** What has taken its name since stays. */
async function remove({ api, signal }: Applying, { place }: Located, { uid }: RunRecord): Promise<void> {
  const live = await api.get(place, signal);
  if (live?.metadata.uid === uid) await api.delete(place, { uid }, signal);
}
