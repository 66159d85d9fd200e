import { z } from 'zod';
import { formatDuration } from '../../domain/duration.ts';
import { describeRef } from '../../domain/manifest.ts';
import { kindAndGroup } from './apply-order.ts';
import { conditionList } from './health/conditions.ts';
import { PODS } from './health/workload-pods.ts';
import { isBeingDeleted, type LiveObject } from './live-object.ts';
import type { ObjectApi } from './object-api.ts';

/** How many objects are named; of others only the number is told. */
const NAMED = 3;

const CLAIM_IN_USE = 'kubernetes.io/pvc-protection';
/** What finalizers of Kubernetes' own wait for. */
const KNOWN_FINALIZERS: Record<string, string> = {
  foregroundDeletion: 'what it owns has to go first',
  orphan: 'what it owns has to be let go first',
  'kubernetes.io/pv-protection': 'a PersistentVolumeClaim is bound to it',
  'service.kubernetes.io/load-balancer-cleanup': 'its load balancer has to go first',
  'customresourcecleanup.apiextensions.k8s.io': 'the objects of its kind must go first',
  [CLAIM_IN_USE]: 'a Pod still uses it',
};

/** Whether a Namespace's condition is one that explains why it is still there. */
const HOLDS_NAMESPACE = /^Namespace(ContentRemaining|FinalizersRemaining|Deletion\w+Failure)$/;

const statusOf = z.object({ status: z.object({ conditions: conditionList }).prefault({}) });
const crdSpec = z.object({
  spec: z.object({
    group: z.string(),
    scope: z.string(),
    names: z.object({ kind: z.string(), plural: z.string() }),
    versions: z.array(z.object({ name: z.string(), served: z.boolean() })),
  }),
});
const podFields = z.object({
  metadata: z.object({ deletionGracePeriodSeconds: z.number().nullish() }),
  spec: z
    .object({ volumes: z.array(z.object({ persistentVolumeClaim: z.object({ claimName: z.string() }).nullish() })) })
    .partial()
    .prefault({}),
});

/** What holds an object that is to be deleted, and for how long: `finalizer example.org/hold holds it, for 2m 10s`. */
export async function whyLeft(api: ObjectApi, live: LiveObject, signal: AbortSignal): Promise<string> {
  const holders = (await holdersOf(api, live, signal)).join('; ') || 'is being deleted';
  const age = ageOfDeletion(live);
  return age === undefined ? holders : `${holders}, for ${formatDuration(age)}`;
}

async function holdersOf(api: ObjectApi, live: LiveObject, signal: AbortSignal): Promise<string[]> {
  switch (kindAndGroup(live)) {
    case 'Namespace':
      return conditionsThatHold(live);
    case 'CustomResourceDefinition.apiextensions.k8s.io':
      return (await instancesThatHold(api, live, signal)) ?? finalizersThatHold(live);
    case 'PersistentVolumeClaim': {
      const users = await podsThatUse(api, live, signal);
      return [...users, ...finalizersThatHold(live, users.length > 0 ? [CLAIM_IN_USE] : [])];
    }
    case 'Pod':
      return [...graceOf(live), ...finalizersThatHold(live)];
    default:
      return finalizersThatHold(live);
  }
}

function finalizersThatHold({ metadata }: LiveObject, told: string[] = []): string[] {
  const finalizers = metadata.finalizers.filter((name) => !told.includes(name));
  const others = finalizers.filter((name) => KNOWN_FINALIZERS[name] === undefined);
  const known = finalizers.flatMap((name) => KNOWN_FINALIZERS[name] ?? []);
  if (others.length === 0) return known;
  return [
    ...known,
    others.length === 1 ? `finalizer ${others[0]} holds it` : `finalizers ${others.join(', ')} hold it`,
  ];
}

function conditionsThatHold(live: LiveObject): string[] {
  const { conditions } = statusOf.parse(live).status;
  return conditions
    .filter(({ type, status }) => HOLDS_NAMESPACE.test(type) && status === 'True')
    .map(({ message }) => message);
}

async function instancesThatHold(api: ObjectApi, live: LiveObject, signal: AbortSignal): Promise<string[] | undefined> {
  const { group, scope, names, versions } = crdSpec.parse(live).spec;
  const version = versions.find(({ served }) => served)?.name;
  if (version === undefined) return undefined;
  const resource = { group, version, ...names, words: [], namespaced: scope === 'Namespaced' };
  const objects = await api.listMetadata(resource, undefined, signal);
  if (objects.length === 0) return undefined;
  const named = objects.slice(0, NAMED).map((object) => {
    const { name, namespace } = object.metadata;
    const ref = { apiVersion: '', kind: names.kind, ...(namespace === undefined ? {} : { namespace }), name };
    const holders = finalizersThatHold(object).join('; ');
    return `${describeRef(ref)}${holders === '' ? '' : ` (${holders})`}`;
  });
  const more = objects.length > NAMED ? ` and ${objects.length - NAMED} more` : '';
  return [
    `${objects.length === 1 ? 'an object' : `${objects.length} objects`} of its kind must go first: ${named.join(', ')}${more}`,
  ];
}

async function podsThatUse(api: ObjectApi, { metadata }: LiveObject, signal: AbortSignal): Promise<string[]> {
  if (!metadata.finalizers.includes(CLAIM_IN_USE)) return [];
  const pods = await api.list(PODS, metadata.namespace, {}, signal);
  const using = pods.filter((pod) =>
    podFields
      .parse(pod)
      .spec.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === metadata.name),
  );
  return using.slice(0, NAMED).map((pod) => `Pod ${pod.metadata.namespace}/${pod.metadata.name} uses it`);
}

function graceOf(live: LiveObject): string[] {
  const seconds = podFields.parse(live).metadata.deletionGracePeriodSeconds ?? 0;
  return isBeingDeleted(live) && seconds > 0 ? [`its containers have ${seconds}s to end`] : [];
}

/** Milliseconds since deletion was asked for; undefined at first, and when clocks differ. */
function ageOfDeletion(live: LiveObject): number | undefined {
  const { deletionTimestamp } = live.metadata;
  if (deletionTimestamp == null) return undefined;
  // It names the end of the grace, not the moment of asking.
  const grace = podFields.safeParse(live).data?.metadata.deletionGracePeriodSeconds ?? 0;
  const age = Date.now() - (Date.parse(deletionTimestamp) - grace * 1000);
  return age >= 1000 ? age : undefined;
}
