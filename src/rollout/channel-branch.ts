import type { Channel } from '../domain/channel.ts';
import type { GitRepository } from '../ports/git-source.ts';
import type { ChannelState } from '../ports/store.ts';
import { readPolicy } from '../steps/policy-files.ts';
import type { Planning } from './planning.ts';

/**
 * Why this branch may not move the channel that its own channel file names; undefined when it may. Whoever may push a branch could
 * write the channel's name into it, so that a channel stays with the branch it began with, until that branch itself says otherwise.
 */
export async function refusalOfBranch(
  { stepSchemas }: Pick<Planning, 'stepSchemas'>,
  git: GitRepository,
  { channel, branch }: Channel,
  state: ChannelState,
): Promise<string | undefined> {
  if (state.branch === branch) return undefined;
  const says = async (other: string): Promise<string | undefined> => {
    const head = await git.branch(other);
    if (!head) return undefined;
    const { channels } = await readPolicy(git, head.commit, stepSchemas);
    return channels.find((one) => one.channel === channel)?.branch;
  };
  if (state.branch !== undefined) {
    if ((await git.branch(state.branch)) === undefined || (await says(state.branch)) === branch) return undefined;
    const change = `let a pull request into ${state.branch} change "branch" in the file of ${channel}`;
    return `${channel} has the branch ${state.branch}, and ${branch} only says that it is ${channel}, too; to move the channel, ${change}`;
  }
  for (const other of await git.branches())
    if (other !== branch && (await says(other)) === other)
      return `the branches ${[branch, other].sort().join(' and ')} both say that they are ${channel}: correct one of them`;
  return undefined;
}
