import type { PullRequest } from '../ports/forge.ts';
import type { Planning } from './planning.ts';

/** Why a change of what judges it is not proven yet; undefined when someone else with write access has approved of this very head. */
export async function missingReview(
  { forge }: Planning,
  repository: string,
  { number, headSha, author }: PullRequest,
  changes: readonly string[],
): Promise<string | undefined> {
  for (const user of await forge.approvals(repository, number, headSha))
    if (user !== author && ['admin', 'write'].includes(await forge.permission(repository, user))) return undefined;
  const [first] = changes;
  const what = changes.length === 1 ? first : `${first} and ${changes.length - 1} more`;
  return `it changes what judges it (${what}); it is proven when someone else with write access has approved of ${headSha.slice(0, 8)}`;
}
