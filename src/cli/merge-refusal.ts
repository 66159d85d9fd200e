import type { RestEndpointMethodTypes } from '@octokit/rest';
import { FairwayError } from '../domain/errors.ts';

type ForgePull = RestEndpointMethodTypes['pulls']['get']['response']['data'];

/** The forge's refusal to merge, with what to do now. */
export function mergeRefusal(pull: ForgePull, said: string): FairwayError {
  return new FairwayError('conflict', `#${pull.number} is not merged: ${said}\n${remedy(pull)}`);
}

function remedy({ number, draft, mergeable, mergeable_state, head, base }: ForgePull): string {
  if (draft) return 'Mark it ready for review first.';
  if (mergeable_state === 'behind') return `Merge ${base.ref} into ${head.ref}, push it, and wait for the proof.`;
  if (mergeable === false) return `Merge ${base.ref} into ${head.ref}, resolve the conflicts, and push it.`;
  return `fairway pr view ${number} shows what is missing.`;
}
