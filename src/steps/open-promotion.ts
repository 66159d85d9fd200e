import { z } from 'zod';
import { channel as channelSchema } from '../domain/channel.ts';
import { requireConfigFile } from '../domain/config-file.ts';
import { FairwayError } from '../domain/errors.ts';
import type { Run } from '../domain/run.ts';
import { defineStep } from './step.ts';

/** Proposes the converged revision to the next channel: a branch that stands at it, and a pull request with the evidence. */
export const openPromotion = defineStep({
  kind: 'open-promotion',
  schema: z.strictObject({}),
  needs: ['git', 'forge', 'audit'],
  deadline: 10 * 60_000,
  late: 'errored',
  async run({ run, world, log }) {
    const { forge, git, audit } = world;
    const promotion = run.policy.promotion;
    if (!forge || !promotion) return { outcome: 'skipped', reason: `the channel ${run.channel} promotes to no other` };
    const target = await branchOf(run, promotion.to, git.repository(run.repository));
    const there = await git.repository(run.repository).branch(target);
    if (there?.tree === run.tree) return { outcome: 'succeeded', summary: `${promotion.to} has this tree already` };
    const branch = `fairway/promote/${run.channel}-to-${promotion.to}`;
    await forge.ensureBranch(run.repository, branch, run.headSha);
    const pull = await forge.ensurePullRequest(run.repository, {
      title: `Promote ${run.channel} to ${promotion.to}: ${run.headSha.slice(0, 8)}`,
      body: describe(run, promotion.to),
      headBranch: branch,
      baseBranch: target,
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

async function branchOf(
  run: Run,
  channel: string,
  repository: { readFile(revision: string, path: string): Promise<string | undefined> },
): Promise<string> {
  const file = `channels/${channel}.yaml`;
  const text = await repository.readFile(run.headSha, file);
  if (text === undefined)
    throw new FairwayError('missing', `${file} does not exist at ${run.headSha}, and ${run.channel} promotes to it`);
  return requireConfigFile(file, text, channelSchema).branch;
}

function describe(run: Run, to: string): string {
  return [
    `All clusters of **${run.channel}** converged to \`${run.headSha}\`. Merging this promotes the same revision to **${to}**.`,
    '',
    `- tree: \`${run.tree}\``,
    `- rolled out by: run \`${run.id}\``,
    '',
    'Fairway keeps this pull request at the newest revision that the channel converged to.',
  ].join('\n');
}
