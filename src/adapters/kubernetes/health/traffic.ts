import { z } from 'zod';
import type { LiveObject } from '../live-object.ts';
import { type HealthRule, progressing, ready } from './verdict.ts';

const serviceFields = z.object({
  spec: z.object({ type: z.string().default('ClusterIP') }).prefault({}),
  status: z.object({ loadBalancer: z.object({ ingress: z.array(z.unknown()).nullish() }).prefault({}) }).prefault({}),
});

export function isLoadBalancer(object: LiveObject): boolean {
  return object.kind === 'Service' && serviceFields.safeParse(object).data?.spec.type === 'LoadBalancer';
}

export const serviceHealth: HealthRule = (object) => {
  const { status } = serviceFields.parse(object);
  if (!isLoadBalancer(object)) return ready('exists');
  const addresses = status.loadBalancer.ingress ?? [];
  return addresses.length > 0 ? ready('has a load balancer') : progressing('waits for its load balancer');
};

/** An Ingress without an address is no fault: controllers need not write one, and a cluster may have none. */
export const ingressHealth: HealthRule = (object) => {
  const addresses = serviceFields.parse(object).status.loadBalancer.ingress ?? [];
  return ready(addresses.length > 0 ? 'has an address' : 'exists, without an address so far');
};
