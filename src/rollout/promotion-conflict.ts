import { promotionBranch } from '../domain/promotion-branch.ts';
import type { PullRequest } from '../ports/forge.ts';
import type { CommitTitle, GitRepository, Revision } from '../ports/git-source.ts';
import { readChannels } from '../steps/policy-files.ts';

/** How many commits are named before the rest is counted. */
const named = 5;

/** How a promotion came to be in conflict with the next channel, and what to do now; nothing for other pull requests. */
export async function promotionConflict(
  repository: GitRepository,
  { headBranch, baseBranch }: Pick<PullRequest, 'headBranch' | 'baseBranch'>,
  base: Revision,
  head: Revision,
): Promise<string> {
  const channels = await readChannels(repository, base.commit);
  const from = channels.find(
    ({ channel, promotion }) => promotion && headBranch === promotionBranch(channel, promotion.to),
  )?.branch;
  if (from === undefined) return '';
  const theirs = await repository.commitsSince(head.commit, base.commit);
  const proposed = await repository.commitsSince(base.commit, head.commit);
  // The newest commit with a tree of the promoting channel is what a squash or rebase made of it; what lies below came with it.
  const twin = theirs.findIndex(({ tree }) => proposed.some((commit) => commit.tree === tree));
  const own = (twin < 0 ? theirs : theirs.slice(0, twin)).filter(({ isMerge }) => !isMerge);
  const copy = theirs[twin];
  const original = proposed.find(({ tree }) => tree === copy?.tree);
  const squashed =
    copy && original
      ? [
          `The last promotion was squashed or rebased: ${titled(copy)} of ${baseBranch} holds what ${titled(original)} of ${from} holds, but not its history.`,
        ]
      : [];
  if (own.length === 0 && squashed.length > 0) return [...squashed, ...joinHistories(from, baseBranch)].join('\n');
  const some = own.slice(0, named).map(titled).join(', ');
  const more = own.length > named ? `, and ${own.length - named} more` : '';
  const apart = own.length > 0 ? [`${baseBranch} has commits that ${from} does not have: ${some}${more}.`] : [];
  return [...squashed, ...apart, ...bringBack(from, baseBranch)].join('\n');
}

function titled({ id, title }: CommitTitle): string {
  return `${id.slice(0, 8)} "${title}"`;
}

function joinHistories(from: string, to: string): string[] {
  return [
    `What to do now: join the histories once, by a pull request against ${from} that changes no file:`,
    ...fromBranch(from, to, `git merge -s ours origin/${to}`),
    `Merge it, and all promotions after it, with a merge commit.`,
  ];
}

function bringBack(from: string, to: string): string[] {
  return [
    `What to do now: bring ${to} back to ${from} by a pull request against ${from}; the next promotion holds both:`,
    ...fromBranch(from, to, `git merge origin/${to}    # resolve the conflicts, then git commit`),
    `Merge it, and all promotions after it, with a merge commit.`,
  ];
}

function fromBranch(from: string, to: string, merge: string): string[] {
  const branch = `join-${to}`;
  return [
    '  git fetch origin',
    `  git switch -c ${branch} origin/${from}`,
    `  ${merge}`,
    `  git push origin ${branch}`,
    `  fairway pr create --head ${branch} --base ${from}`,
  ];
}
