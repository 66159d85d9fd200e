import type { ClusterGauges } from '../ports/kube.ts';

/** A closed gate halts a rollout before its next wave; `reason` says what has to change for it to open. */
export type GateVerdict = { gate: 'open' } | { gate: 'closed'; reason: string };

/** Looks at one cluster as it is now. When it does not answer, `api` is closed; the others throw FairwayError `unavailable`. */
export type Gate = (cluster: ClusterGauges, signal: AbortSignal) => Promise<GateVerdict>;

export const OPEN: GateVerdict = { gate: 'open' };

export function closed(reason: string): GateVerdict {
  return { gate: 'closed', reason };
}

const SHOWN = 5;

/** Open without complaints; a long list of them is cut. */
export function openUnless(complaints: string[]): GateVerdict {
  if (complaints.length === 0) return OPEN;
  const more = complaints.length > SHOWN ? `; and ${complaints.length - SHOWN} more` : '';
  return closed(`${complaints.slice(0, SHOWN).join('; ')}${more}`);
}
