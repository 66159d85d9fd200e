import type { GateWord } from '../domain/channel.ts';
import type { Gate } from '../ports/gate.ts';
import { apiGate } from './api.ts';
import { capacityGate } from './capacity.ts';
import { endpointsGate } from './endpoints.ts';
import { nodesGate } from './nodes.ts';

/** Table of contents: the words that `gates:` of a channel may list. */
export const GATES: Readonly<Record<GateWord, Gate>> = {
  nodes: nodesGate,
  capacity: capacityGate,
  endpoints: endpointsGate,
  api: apiGate,
};
