import { FairwayError } from '../domain/errors.ts';
import type { Gate } from '../ports/gate.ts';
import { closed, OPEN } from './gate.ts';

/** An API server that takes longer for its own readiness than this is too busy for a rollout. */
const MAX_LATENCY_MS = 2_000;

/** The API server is ready and answers in time. */
export const apiGate: Gate = async (cluster, signal) => {
  try {
    const { ready, reason, latencyMs } = await cluster.apiReadiness(signal);
    if (!ready) return closed(`the API server is not ready: ${reason}`);
    if (latencyMs <= MAX_LATENCY_MS) return OPEN;
    return closed(`the API server takes ${Math.round(latencyMs)} ms to answer, more than ${MAX_LATENCY_MS} ms`);
  } catch (error) {
    if (error instanceof FairwayError && error.kind === 'unavailable') return closed(error.message);
    throw error;
  }
};
