import type { Gate } from '../ports/gate.ts';
import { closed, openUnless } from './gate.ts';

/** Every node is ready and takes pods. */
export const nodesGate: Gate = async (cluster, signal) => {
  const nodes = await cluster.nodes(signal);
  if (nodes.length === 0) return closed('the cluster has no nodes');
  const unfit = nodes.filter(({ ready, schedulable }) => !ready || !schedulable);
  return openUnless(unfit.map(({ name, reason }) => `node ${name}: ${reason}`));
};
