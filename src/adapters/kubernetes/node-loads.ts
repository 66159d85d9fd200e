import { z } from 'zod';
import type { NodeLoad } from '../../ports/kube.ts';
import { conditionList } from './health/conditions.ts';
import { PODS } from './health/workload-pods.ts';
import type { LiveObject } from './live-object.ts';
import { NODES } from './nodes.ts';
import type { ObjectApi } from './object-api.ts';
import { parseQuantity } from './quantity.ts';

const quantities = z.record(z.string(), z.string()).default({});

const nodeFields = z.object({
  spec: z.object({ unschedulable: z.boolean().default(false) }).prefault({}),
  status: z
    .object({
      allocatable: quantities,
      conditions: conditionList,
    })
    .prefault({}),
});

const containers = z
  .array(z.object({ resources: z.object({ requests: quantities }).prefault({}), restartPolicy: z.string().optional() }))
  .default([]);
const podFields = z.object({
  spec: z.object({ nodeName: z.string().default(''), containers, initContainers: containers, overhead: quantities }),
});
type PodSpec = z.infer<typeof podFields>['spec'];

/** In order of the nodes' names. Pods that have ended ask for nothing. */
export async function nodeLoads(api: ObjectApi, signal: AbortSignal): Promise<NodeLoad[]> {
  const fieldSelector = 'status.phase!=Succeeded,status.phase!=Failed,spec.nodeName!=';
  const [nodes, pods] = await Promise.all([
    api.list(NODES, undefined, {}, signal),
    api.list(PODS, undefined, { fieldSelector }, signal),
  ]);
  const byNode = Map.groupBy(
    pods.map((pod) => podFields.parse(pod).spec),
    ({ nodeName }) => nodeName,
  );
  return nodes.map((node) => loadOf(node, byNode.get(node.metadata.name) ?? []));
}

function loadOf(node: LiveObject, pods: PodSpec[]): NodeLoad {
  const { spec, status } = nodeFields.parse(node);
  const share = (resource: string) => ({
    requested: pods.reduce((sum, pod) => sum + requestOf(pod, resource), 0),
    allocatable: amount(status.allocatable, resource),
  });
  return {
    name: node.metadata.name,
    schedulable: !spec.unschedulable,
    pressures: status.conditions
      .filter(({ type, status }) => type.endsWith('Pressure') && status === 'True')
      .map(({ type, message }) => `${type}: ${message}`),
    cpu: share('cpu'),
    memory: share('memory'),
    pods: { requested: pods.length, allocatable: amount(status.allocatable, 'pods') },
  };
}

/** As the scheduler counts: the containers together (sidecars are init containers that stay), or the largest init container. */
function requestOf({ containers, initContainers, overhead }: PodSpec, resource: string): number {
  const asked = (list: PodSpec['containers']) => list.map(({ resources }) => amount(resources.requests, resource));
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const together = [...asked(containers), ...asked(sidecars)].reduce((sum, one) => sum + one, 0);
  return Math.max(together, ...asked(initContainers)) + amount(overhead, resource);
}

function amount(of: Record<string, string>, resource: string): number {
  return parseQuantity(of[resource] ?? '0');
}
