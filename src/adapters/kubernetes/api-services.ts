import { z } from 'zod';
import { conditionList, conditionOf, sentenceOf } from './health/conditions.ts';
import type { ObjectApi } from './object-api.ts';

const API_SERVICES = {
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  words: [],
  namespaced: false,
};

const apiServiceFields = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({ group: z.string().default(''), service: z.object({}).nullish() }),
  status: z.object({ conditions: conditionList }).prefault({}),
});

export interface UnavailableApi {
  /** The name of the APIService. */
  name: string;
  group: string;
  /** `APIService v1beta1.metrics.k8s.io is unavailable: MissingEndpoints: …` */
  sentence: string;
}

/** The aggregated APIs whose own API server does not answer: of their kinds, the cluster may list none. */
export async function unavailableApis(api: ObjectApi, signal: AbortSignal): Promise<UnavailableApi[]> {
  const objects = await api.list(API_SERVICES, undefined, {}, signal);
  return objects.flatMap((object) => {
    const { metadata, spec, status } = apiServiceFields.parse(object);
    if (spec.service == null) return [];
    const available = conditionOf(status.conditions, 'Available');
    if (available?.status === 'True') return [];
    const why = available === undefined ? 'nobody has asked it yet' : sentenceOf(available);
    return [{ name: metadata.name, group: spec.group, sentence: `APIService ${metadata.name} is unavailable: ${why}` }];
  });
}
