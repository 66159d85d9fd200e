import { z } from 'zod';
import type { Channel } from '../domain/channel.ts';
import { FairwayError } from '../domain/errors.ts';
import { code } from '../domain/markdown.ts';
import { promotionBranch } from '../domain/promotion-branch.ts';
import type { Run } from '../domain/run.ts';
import type { Forge } from '../ports/forge.ts';
import type { GitRepository, Revision } from '../ports/git-source.ts';
import { readChannels } from './policy-files.ts';
import { defineStep } from './step.ts';

/** Proposes the converged revision to the next channel: a branch that stands at it, and a pull request with the evidence. */
export const openPromotion = defineStep({
  kind: 'open-promotion',
  schema: z.strictObject({}),
  needs: ['git', 'forge', 'audit'],
  deadline: 10 * 60_000,
  late: 'errored',
  async run({ run, world, signal, log }) {
    const { forge, audit } = world;
    const promotion = run.policy.promotion;
    if (!forge || !promotion) return { outcome: 'skipped', reason: `the channel ${run.channel} promotes to no other` };
    const git = world.git.repository(run.repository);
    const target = await targetOf(run, promotion.to, git);
    await git.fetch(signal);
    const there = await git.branch(target.branch);
    const branch = promotionBranch(run.channel, promotion.to);
    if (there?.tree === run.tree) {
      const closed = await closeStale(forge, run, branch, target.branch);
      return { outcome: 'succeeded', summary: `${promotion.to} has this tree already${closed}` };
    }
    const head = there === undefined ? run.headSha : await proposal(forge, git, run, promotion.to, there);
    await forge.ensureBranch(run.repository, branch, head);
    const pull = await forge.ensurePullRequest(run.repository, {
      title: `Promote ${run.channel} to ${promotion.to}: ${run.headSha.slice(0, 8)}`,
      body: describe(run, promotion.to),
      headBranch: branch,
      baseBranch: target.branch,
    });
    log(`pull request #${pull.number}: ${pull.url}`);
    await audit.append({
      id: `${run.id}/proposed`,
      at: Date.now(),
      actor: 'fairway',
      action: 'propose-promotion',
      subject: `${run.repository}#${pull.number}`,
      detail: `${run.channel} → ${promotion.to} at ${run.headSha}`,
    });
    return { outcome: 'succeeded', summary: `proposed as #${pull.number}`, output: { pullRequest: pull.number } };
  },
});

async function targetOf(run: Run, name: string, git: GitRepository): Promise<Channel> {
  const channels = await readChannels(git, run.headSha);
  const target = channels.find(({ channel }) => channel === name);
  if (target) return target;
  const known = channels.map(({ channel }) => channel).join(', ') || 'none';
  throw new FairwayError(
    'missing',
    `${run.channel} promotes to ${name}, and ${run.headSha.slice(0, 8)} has no channel file for it; it has ${known}`,
  );
}

/**
 * The commit to propose: the revision itself where a merge gives its tree. Histories part when a promotion was squashed or rebased;
 * as long as all that the target has came from the channel, a merge commit upon the target's head carries the revision's tree.
 */
async function proposal(forge: Forge, git: GitRepository, run: Run, to: string, there: Revision): Promise<string> {
  const merge = await git.merge(there.commit, run.headSha);
  if (merge.outcome === 'merged' && merge.tree === run.tree) return run.headSha;
  if (!(await git.hadTree(run.headSha, there.tree))) return run.headSha;
  return forge.createCommit(run.repository, {
    tree: run.tree,
    parents: [there.commit, run.headSha],
    message: `Promote ${run.channel} to ${to}: ${run.headSha}`,
    at: run.createdAt,
  });
}

/** What the target has by now needs no promotion: the channel may have gone back to it. */
async function closeStale(forge: Forge, run: Run, branch: string, base: string): Promise<string> {
  const open = await forge.openPullRequests(run.repository);
  const stale = open.find((pull) => pull.headBranch === branch && pull.baseBranch === base && !pull.fork);
  if (!stale) return '';
  await forge.comment(
    run.repository,
    stale.number,
    `**${run.channel}** has converged to \`${run.headSha.slice(0, 8)}\` since, which ${base} has already: there is nothing to promote.`,
  );
  await forge.closePullRequest(run.repository, stale.number);
  return `; #${stale.number} was closed`;
}

function describe(run: Run, to: string): string {
  return [
    `All clusters of ${code(run.channel)} converged to ${code(run.headSha)}. Merging this promotes the same revision to ${code(to)}.`,
    '',
    `- tree: ${code(run.tree)}`,
    `- rolled out by: run ${code(run.id)}`,
    '',
    'Fairway keeps this pull request at the newest revision that the channel converged to; nobody else is to push to its branch.',
  ].join('\n');
}
