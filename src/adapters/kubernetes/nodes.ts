import { z } from 'zod';
import type { NodeSummary } from '../../ports/kube.ts';
import { conditionList, conditionOf, sentenceOf } from './health/conditions.ts';
import type { LiveObject } from './live-object.ts';
import type { ObjectApi } from './object-api.ts';

export const NODES = { group: '', version: 'v1', kind: 'Node', plural: 'nodes', words: [], namespaced: false };

const nodeFields = z.object({
  spec: z.object({ unschedulable: z.boolean().default(false) }).default({ unschedulable: false }),
  status: z.object({
    nodeInfo: z.object({ kubeletVersion: z.string() }).default({ kubeletVersion: '' }),
    conditions: conditionList,
  }),
});

/** In order of their names. */
export async function summarizeNodes(api: ObjectApi, signal: AbortSignal): Promise<NodeSummary[]> {
  const nodes = await api.list(NODES, undefined, {}, signal);
  return nodes.map(summarizeNode);
}

function summarizeNode(node: LiveObject): NodeSummary {
  const { spec, status } = nodeFields.parse(node);
  const condition = conditionOf(status.conditions, 'Ready');
  const ready = condition?.status === 'True';
  const schedulable = !spec.unschedulable;
  const why = condition === undefined ? 'its kubelet has not reported yet' : sentenceOf(condition);
  const reason = ready ? (schedulable ? 'ready' : 'ready, but cordoned') : `not ready: ${why}`;
  return { name: node.metadata.name, ready, schedulable, kubeletVersion: status.nodeInfo.kubeletVersion, reason };
}
