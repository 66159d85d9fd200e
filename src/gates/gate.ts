import type { GateVerdict } from '../ports/gate.ts';

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
