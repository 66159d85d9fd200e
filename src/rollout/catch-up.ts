import { FairwayError, messageOf } from '../domain/errors.ts';
import { readPolicy } from '../steps/policy-files.ts';
import type { Planning } from './planning.ts';
import { rollOutChannel } from './roll-out-channel.ts';
import { verifyPullRequest } from './verify-pull-request.ts';

/** Asks the forge what deliveries may have failed to tell: open pull requests without a run, channels behind their branch. */
export async function catchUp(
  planning: Planning,
  repositoryName: string,
  report: (problem: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const attempt = async (what: string, action: () => Promise<unknown>): Promise<void> => {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof FairwayError)) throw error;
      report(`${what}: ${messageOf(error)}`);
    }
  };
  const repository = planning.git.repository(repositoryName);
  await repository.fetch(signal);
  for (const branch of await repository.branches()) {
    const { channels } = await readPolicy(repository, branch, planning.stepSchemas);
    if (!channels.some((channel) => channel.branch === branch)) continue;
    await attempt(branch, () =>
      rollOutChannel(planning, { repository: repositoryName, branch, requestedBy: 'fairway' }, signal),
    );
  }
  for (const { number } of await planning.forge.openPullRequests(repositoryName)) {
    await attempt(`#${number}`, () =>
      verifyPullRequest(
        planning,
        { repository: repositoryName, pullRequest: number, again: undefined, requestedBy: 'fairway' },
        signal,
      ),
    );
  }
}
