import { z } from 'zod';
import type { KubernetesObject, ObjectRef } from '../../../domain/manifest.ts';
import type { Handover } from '../../../ports/kube.ts';
import { kindAndGroup } from '../apply-order.ts';
import { groupOf } from '../discovery.ts';
import type { LiveObject } from '../live-object.ts';
import { refKey } from '../ref-key.ts';
import type { WantedObject } from './prune-census.ts';

const serviceSpec = z.object({
  spec: z
    .looseObject({
      clusterIP: z.string().optional(),
      clusterIPs: z.array(z.string()).optional(),
      loadBalancerIP: z.string().optional(),
      healthCheckNodePort: z.number().optional(),
      ports: z
        .array(z.looseObject({ nodePort: z.number().optional(), protocol: z.string().default('TCP') }))
        .optional(),
    })
    .prefault({}),
});
const scalerSpec = z.object({
  spec: z.object({
    scaleTargetRef: z.object({
      apiVersion: z.string().default('apps/v1'),
      kind: z.string().default('Deployment'),
      name: z.string(),
    }),
  }),
});
const priorityClassFields = z.object({ globalDefault: z.boolean().default(false) });

/** Something that only one object of a cluster can have, as words. */
type Claims = (object: unknown, ref: ObjectRef) => string[];

const CLAIMS: Record<string, Claims> = {
  Service: claimsOfService,
  'HorizontalPodAutoscaler.autoscaling': claimsOfScaler,
  'ScaledObject.keda.sh': claimsOfScaler,
  'PriorityClass.scheduling.k8s.io': (object) =>
    priorityClassFields.safeParse(object).data?.globalDefault ? ['the default PriorityClass'] : [],
};

const TRIALS: Record<string, (object: KubernetesObject) => KubernetesObject | undefined> = {
  Service: withoutClaimsOfService,
  // KEDA's webhook refuses a second scaler, whatever else it would say.
  'ScaledObject.keda.sh': () => undefined,
  'PriorityClass.scheduling.k8s.io': ({ globalDefault: _, ...object }) => object,
};

/** What passes from objects that are going to be pruned to ones that are wanted. */
export function handoversOf(
  leaving: { ref: ObjectRef; live: LiveObject }[],
  wanted: readonly WantedObject[],
): Handover[] {
  const holders = new Map(
    leaving.flatMap(({ ref, live }) => claimsOf(live, ref).map((claim) => [claim, ref] as const)),
  );
  if (holders.size === 0) return [];
  return wanted.flatMap(({ ref, manifest: { object } }) => {
    const from = claimsOf(object, ref).flatMap((claim) => holders.get(claim) ?? []);
    const trialOf = TRIALS[kindAndGroup(ref)] ?? ((whole) => whole);
    return [...new Map(from.map((holder) => [refKey(holder), holder])).values()].map((holder) => ({
      from: holder,
      to: ref,
      trial: trialOf(object),
    }));
  });
}

function claimsOf(object: unknown, ref: ObjectRef): string[] {
  return CLAIMS[kindAndGroup(ref)]?.(object, ref) ?? [];
}

/** What is malformed claims nothing: the API server says what is wrong with it. */
function claimsOfService(object: unknown): string[] {
  const service = serviceSpec.safeParse(object);
  if (!service.success) return [];
  const { clusterIP, clusterIPs = [], loadBalancerIP, healthCheckNodePort, ports = [] } = service.data.spec;
  const addresses = new Set([clusterIP, ...clusterIPs].filter((address) => address && address !== 'None'));
  const nodePorts = ports.flatMap(({ nodePort, protocol }) =>
    nodePort ? [`node port ${nodePort} of ${protocol}`] : [],
  );
  return [
    ...[...addresses].map((address) => `cluster IP ${address}`),
    ...(loadBalancerIP ? [`load balancer IP ${loadBalancerIP}`] : []),
    ...(healthCheckNodePort ? [`node port ${healthCheckNodePort} of TCP`] : []),
    ...nodePorts,
  ];
}

function claimsOfScaler(object: unknown, { namespace }: ObjectRef): string[] {
  const scaler = scalerSpec.safeParse(object);
  if (!scaler.success) return [];
  const { apiVersion, kind, name } = scaler.data.spec.scaleTargetRef;
  return [`the replicas of ${kind}.${groupOf(apiVersion)} ${namespace}/${name}`];
}

function withoutClaimsOfService(object: KubernetesObject): KubernetesObject {
  const { spec } = serviceSpec.parse(object);
  const { clusterIP, clusterIPs: _, loadBalancerIP: __, healthCheckNodePort: ___, ports, ...rest } = spec;
  const trial = {
    ...object,
    spec: {
      ...rest,
      ...(clusterIP === 'None' ? { clusterIP } : {}),
      ...(ports === undefined ? {} : { ports: ports.map(({ nodePort: _, ...port }) => port) }),
    },
  };
  const clone: KubernetesObject = JSON.parse(JSON.stringify(trial));
  return clone;
}
