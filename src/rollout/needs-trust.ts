import type { PullRequest } from '../ports/forge.ts';
import type { Planning } from './planning.ts';

/** Code from elsewhere, or from someone who never had anything merged here, runs only when it was looked at: this very head. */
export async function needsTrust({ store }: Planning, repository: string, pull: PullRequest): Promise<boolean> {
  const stranger =
    ['FIRST_TIMER', 'FIRST_TIME_CONTRIBUTOR', 'NONE'].includes(pull.authorAssociation) &&
    !pull.headBranch.startsWith('fairway/promote/');
  return (pull.fork || stranger) && (await store.trust.approvedBy(repository, pull.number, pull.headSha)) === undefined;
}
