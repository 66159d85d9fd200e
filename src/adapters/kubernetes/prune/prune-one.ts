import type { ObjectApi } from '../object-api.ts';
import { whyLeft } from '../why-left.ts';
import type { Finding } from './prune-census.ts';

/** What became of an object that is to go. */
export type Fate =
  | { fate: 'gone' }
  | { fate: 'spared'; reason: string }
  | { fate: 'left'; reason: string }
  | { fate: 'refused'; message: string };

/** Deletes an object as it was found, and no other that has taken its name meanwhile. */
export async function pruneOne(api: ObjectApi, finding: Finding, signal: AbortSignal): Promise<Fate> {
  switch (finding.state) {
    case 'gone':
      return { fate: 'gone' };
    case 'spared':
      return { fate: 'spared', reason: finding.reason };
    case 'hidden':
      return { fate: 'left', reason: finding.reason };
    case 'leaving':
      return { fate: 'left', reason: await whyLeft(api, finding.live, signal) };
    case 'there': {
      const { place, live } = finding;
      const answer = await api.delete(place, { uid: live.metadata.uid }, signal);
      if (answer.outcome === 'refused' && answer.status === 409) return { fate: 'left', reason: answer.message };
      if (answer.outcome === 'refused' && answer.status !== 404) return { fate: 'refused', message: answer.message };
      const after = await api.get(place, signal);
      return after === undefined ? { fate: 'gone' } : { fate: 'left', reason: await whyLeft(api, after, signal) };
    }
  }
}
