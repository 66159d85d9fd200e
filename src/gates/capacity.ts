import type { Gate } from '../ports/gate.ts';
import type { NodeLoad, Share } from '../ports/kube.ts';
import { openUnless } from './gate.ts';

/** A rolling update starts new pods before it stops old ones; beyond this share of what there is they would find no place. */
const MAX_REQUESTED = 0.95;

/** No node is under pressure, and the nodes that take pods have room left for those of a rolling update. */
export const capacityGate: Gate = async (cluster, signal) => {
  const nodes = await cluster.nodeLoads(signal);
  const pressures = nodes.flatMap(({ name, pressures }) => pressures.map((pressure) => `node ${name}: ${pressure}`));
  const usable = nodes.filter(({ schedulable }) => schedulable);
  const full = (['cpu', 'memory', 'pods'] as const).flatMap((resource) => shortage(resource, usable));
  return openUnless([...pressures, ...full]);
};

function shortage(resource: 'cpu' | 'memory' | 'pods', nodes: NodeLoad[]): string[] {
  const total = nodes.map((node): Share => node[resource]).reduce(add, { requested: 0, allocatable: 0 });
  if (total.allocatable === 0 || total.requested <= total.allocatable * MAX_REQUESTED) return [];
  const percent = Math.round((100 * total.requested) / total.allocatable);
  return [`${percent} % of the nodes' ${resource} is requested, more than ${100 * MAX_REQUESTED} %: add nodes`];
}

function add(a: Share, b: Share): Share {
  return { requested: a.requested + b.requested, allocatable: a.allocatable + b.allocatable };
}
