import { apiGate } from './api.ts';
import { capacityGate } from './capacity.ts';
import { endpointsGate } from './endpoints.ts';
import type { Gate } from './gate.ts';
import { nodesGate } from './nodes.ts';

/** Table of contents: the words that `gates:` of a channel may list. */
export const GATES = {
  nodes: nodesGate,
  capacity: capacityGate,
  endpoints: endpointsGate,
  api: apiGate,
} satisfies Record<string, Gate>;

export type GateWord = keyof typeof GATES;
