import type { ClusterGauges } from './kube.ts';

/** A closed gate halts a rollout before its next wave; `reason` says what has to change for it to open. */
export type GateVerdict = { gate: 'open' } | { gate: 'closed'; reason: string };

/** Looks at one cluster as it is now. When it does not answer, `api` is closed; the others throw FairwayError `unavailable`. */
export type Gate = (cluster: ClusterGauges, signal: AbortSignal) => Promise<GateVerdict>;
