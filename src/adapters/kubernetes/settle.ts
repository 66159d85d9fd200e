import { z } from 'zod';
import { refOf } from '../../domain/manifest.ts';
import { kindAndGroup } from './apply-order.ts';
import type { ChangeSet, Located } from './change-set.ts';
import { conditionList, conditionOf } from './health/conditions.ts';
import type { ObjectApi, Place } from './object-api.ts';

const CRD = 'CustomResourceDefinition.apiextensions.k8s.io';
const crdStatus = z.object({ status: z.object({ conditions: conditionList }).prefault({}) });

/** Why this change's Namespaces and CRDs can't be built on yet; undefined when they can. */
export async function groundNotSettled(
  api: ObjectApi,
  change: ChangeSet,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const { place } of change.located.filter(({ place }) => kindAndGroup(place.ref) === CRD)) {
    const reason = await notEstablished(api, place, signal);
    if (reason !== undefined) return reason;
  }
  const [unserved] = change.unserved;
  if (unserved !== undefined) {
    const { apiVersion, kind } = refOf(unserved.object);
    // The next call reads the API's kinds anew: being established comes a moment before being listed.
    api.discovery.refresh();
    return `${kind} of ${apiVersion} is defined, but not served yet`;
  }
  return podsLackServiceAccount(api, change.located, signal);
}

async function notEstablished(api: ObjectApi, place: Place, signal: AbortSignal): Promise<string | undefined> {
  const live = await api.get(place, signal);
  const { conditions } = crdStatus.parse(live ?? {}).status;
  if (conditionOf(conditions, 'Established')?.status === 'True') return undefined;
  const names = conditionOf(conditions, 'NamesAccepted');
  return `CustomResourceDefinition ${place.ref.name} is not established yet${names?.status === 'False' ? `: ${names.message}` : ''}`;
}

/** A controller makes a namespace's `default` service account shortly after the namespace; until then bare Pods are refused. */
async function podsLackServiceAccount(
  api: ObjectApi,
  located: Located[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const pods = located.filter(({ place }) => kindAndGroup(place.ref) === 'Pod');
  for (const namespace of new Set(pods.map(({ place }) => place.ref.namespace))) {
    const ref = { apiVersion: 'v1', kind: 'ServiceAccount', namespace: namespace ?? 'default', name: 'default' };
    const place = await api.locate(ref, signal);
    if (place !== undefined && (await api.get(place, signal)) === undefined) {
      return `Namespace ${ref.namespace} has no ServiceAccount default yet`;
    }
  }
  return undefined;
}
