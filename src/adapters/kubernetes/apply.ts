import { z } from 'zod';
import type { Manifest } from '../../domain/manifest.ts';
import type { AppliedObject, ApplyOptions, ApplyOutcome, Refusal } from '../../ports/kube.ts';
import { type Applied, type Applying, applyObjects } from './apply-objects.ts';
import { type ApplyStage, kindAndGroup, stageOf } from './apply-order.ts';
import { autoscaledWorkloads } from './autoscaled.ts';
import { type ChangeSet, type Located, readChangeSet } from './change-set.ts';
import { type Checked, checkObjects } from './check-objects.ts';
import type { ClusterMemory } from './cluster-memory.ts';
import { finishedRuns } from './finished-runs.ts';
import { beginRelease, finishRelease, runHooks } from './hooks.ts';
import { isNamespace, type NamespaceState, namespaceStates } from './namespace-states.ts';
import type { ObjectApi } from './object-api.ts';
import { asTried, release } from './prune/release.ts';
import { refKey } from './ref-key.ts';
import { dueHooks, planReleases, type ReleasePlan } from './release-plan.ts';
import { groundNotSettled } from './settle.ts';

/**
 * Server-side apply in stages, nothing of it before all has been checked as far as it can be:
 *
 * 1. Everything is sent as a dry run, but for objects in a Namespace that this change creates and objects of a kind whose
 *    CRD is in this change: the API server could only answer for the world before the change. Bare Pods whose
 *    ServiceAccount or PriorityClass comes along can't be tried before those exist, and are only checked by being applied.
 * 2. No refusal: Namespaces and CRDs are applied. `waiting` until they are in force.
 * 3. What step 1 left out is sent as a dry run. A refusal here leaves the Namespaces and CRDs behind, nothing else.
 * 4. What holds something that passes to an object of this change is deleted. `waiting` until it is gone.
 * 5. The rest is applied, stage by stage; charts that have hooks to run come after the others, each between its hooks.
 *
 * Called again after `waiting` or a crash it does the same once more, and finds most of it unchanged.
 */
export async function applyManifests(
  api: ObjectApi,
  clusterMemory: ClusterMemory,
  manifests: Manifest[],
  options: ApplyOptions,
  signal: AbortSignal,
): Promise<ApplyOutcome> {
  const { handovers = [] } = options;
  const change = await readChangeSet(api, manifests, signal);
  const memory = await clusterMemory.read(signal);
  const applying: Applying = { api, memory, options, autoscaled: autoscaledWorkloads(change.located), signal };
  const namespaces = await namespaceStates(api, change.located, signal);
  const plans = await planReleases(applying, change);
  const finished = await finishedRuns(applying, change.located);
  const [ground, others] = partition(change.located, ({ manifest }) => stageOf(manifest.object) === 'ground');
  const rest = others.filter((one) => !finished.has(one) && isToBeSent(one, plans));
  const [later, now] = partition(rest, (one) => hangsOnGround(one, ground, namespaces, change.introducedKinds));
  const checkable = (members: Located[]) =>
    members.filter((one) => !isUncheckablePod(one, rest)).flatMap((one) => asTried(one, handovers));
  const early = await checkObjects(api, [...ground, ...checkable(now)], signal);
  const leaving = [...namespaces].filter(([, state]) => state === 'terminating');
  const stopped = verdict({
    refusals: [...change.refusals, ...early.refusals],
    waiting: [...leaving.map(([name]) => `Namespace ${name} is still being deleted`), ...early.waiting],
  });
  if (stopped !== undefined) return stopped;

  const applied = await applyObjects(applying, ground);
  const { objects } = applied;
  const failed = verdict(applied, objects);
  if (failed !== undefined) return failed;
  const unsettled = await groundNotSettled(api, change, signal);
  if (unsettled !== undefined) return { outcome: 'waiting', reason: unsettled, objects };
  const refusedLater = verdict(await checkObjects(api, checkable(later), signal), objects);
  if (refusedLater !== undefined) return refusedLater;

  const held = verdict(await release(api, rest, handovers, signal), objects);
  if (held !== undefined) return held;

  for (const turn of turnsOf(applying, rest, plans)) {
    const result = await turn();
    objects.push(...result.objects);
    const end = verdict(result, objects);
    if (end !== undefined) return end;
  }
  await forgetOthers(applying, change);
  const done = [...finished].map(({ place: { ref } }) => ({ ref, change: 'done' as const }));
  return { outcome: 'applied', objects: [...objects, ...done] };
}

/** What comes after what, once Namespaces and CRDs are there. Guards come after all workloads: they may refuse what comes after them. */
function turnsOf(applying: Applying, rest: Located[], plans: ReleasePlan[]): (() => Promise<Applied>)[] {
  const moving = plans.filter(({ event }) => event !== 'none');
  const plain = rest.filter(({ manifest }) => manifest.hook === undefined);
  const stage = (members: Located[], stage: ApplyStage) => () =>
    applyObjects(
      applying,
      members.filter(({ manifest }) => stageOf(manifest.object) === stage),
    );
  const [ofMoving, ofOthers] = partition(plain, ({ manifest }) => moving.some(({ name }) => name === manifest.release));
  return [
    stage(ofOthers, 'base'),
    stage(ofOthers, 'workloads'),
    ...moving.flatMap((plan) => {
      const own = ofMoving.filter(({ manifest }) => manifest.release === plan.name);
      const pre = async () => {
        await beginRelease(applying, plan);
        return runHooks(applying, plan, 'pre');
      };
      return [pre, stage(own, 'base'), stage(own, 'workloads')];
    }),
    stage(plain, 'guards'),
    ...moving.map((plan) => async () => {
      const result = await runHooks(applying, plan, 'post');
      if (verdict(result) === undefined) await finishRelease(applying, plan);
      return result;
    }),
  ];
}

/** All but hooks that have no turn, or have had it. */
function isToBeSent(one: Located, plans: ReleasePlan[]): boolean {
  if (one.manifest.hook === undefined) return true;
  return plans.some((plan) => dueHooks(plan, 'pre').includes(one) || dueHooks(plan, 'post').includes(one));
}

async function forgetOthers({ memory, signal }: Applying, { located }: ChangeSet): Promise<void> {
  const run = new Set(located.map(({ place }) => refKey(place.ref)));
  const release = new Set(located.flatMap(({ manifest }) => manifest.release ?? []));
  await memory.keepOnly({ run, release }, signal);
}

function verdict({ refusals, waiting }: Checked, objects: AppliedObject[] = []): ApplyOutcome | undefined {
  if (refusals.length > 0) return { outcome: 'refused', refusals: refusals.toSorted(byPlaceInSource), objects };
  if (waiting.length > 0) return { outcome: 'waiting', reason: [...new Set(waiting)].join('; '), objects };
  return undefined;
}

function byPlaceInSource(a: Refusal, b: Refusal): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line;
}

/** Pods also wait for a Namespace that exists: it may lack its service account yet. */
function hangsOnGround(
  { place }: Located,
  ground: Located[],
  namespaces: Map<string, NamespaceState>,
  introducedKinds: Set<string>,
): boolean {
  const type = kindAndGroup(place.ref);
  if (introducedKinds.has(type)) return true;
  const { namespace } = place.ref;
  const defined = ground.some(({ place: { ref } }) => isNamespace(ref) && ref.name === namespace);
  return defined && (type === 'Pod' || namespaces.get(namespace ?? '') === 'missing');
}

function partition<T>(items: T[], belongs: (item: T) => boolean): [T[], T[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}

const podSpec = z.object({
  spec: z.object({ serviceAccountName: z.string().optional(), priorityClassName: z.string().optional() }),
});

function isUncheckablePod({ manifest, place }: Located, change: Located[]): boolean {
  if (kindAndGroup(place.ref) !== 'Pod') return false;
  const pod = podSpec.safeParse(manifest.object);
  if (!pod.success) return false;
  const { serviceAccountName, priorityClassName } = pod.data.spec;
  return change.some(({ place: { ref } }) =>
    ref.kind === 'ServiceAccount'
      ? ref.name === serviceAccountName && ref.namespace === place.ref.namespace
      : ref.kind === 'PriorityClass' && ref.name === priorityClassName,
  );
}
