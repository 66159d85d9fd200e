import type { Intent } from '../domain/intent.ts';
import { code } from '../domain/markdown.ts';
import { refuseCommand } from './answer-comment.ts';
import { needsTrust } from './needs-trust.ts';
import type { Planning } from './planning.ts';
import { verifyPullRequest } from './verify-pull-request.ts';

/** Why this user may not ask for a run of the pull request, or for its end; undefined when they may: whoever may write, and its author once the code is trusted. */
export async function refusalFor(
  planning: Planning,
  { repository, pullRequest, requestedBy }: { repository: string; pullRequest: number; requestedBy: string },
): Promise<string | undefined> {
  if (await mayWrite(planning, repository, requestedBy)) return undefined;
  const refusal = `${requestedBy} has no write access`;
  const pull = await planning.forge.pullRequest(repository, pullRequest);
  if (pull?.author !== requestedBy) return refusal;
  return (await needsTrust(planning, repository, pull)) ? `${refusal}, and the code is not trusted yet` : undefined;
}

/** Takes the head that was there when the comment was written for looked at, and no later one. */
export async function trust(
  planning: Planning,
  { repository, pullRequest, requestedBy, writtenAt }: Extract<Intent, { intent: 'trust' }>,
  signal: AbortSignal,
): Promise<string> {
  const { forge, store } = planning;
  if (!(await mayWrite(planning, repository, requestedBy)))
    return refuseCommand(planning, { repository, pullRequest, requestedBy }, `${requestedBy} has no write access`);
  const pull = await forge.pullRequest(repository, pullRequest);
  if (!pull) return `there is no pull request #${pullRequest}`;
  // When a head was pushed no forge tells reliably; that there was a run for it, which the pull request showed, does.
  const runs = await store.runs.list({ repository, pullRequest });
  if (!runs.some(({ headSha, createdAt }) => headSha === pull.headSha && createdAt <= writtenAt)) {
    const head = pull.headSha.slice(0, 8);
    const marker = `<!-- fairway:trust:${pull.headSha} -->`;
    const reply = `${code(head)} was pushed after ${code(requestedBy)} wrote /ok-to-test. Look at it, and comment again.`;
    await forge.reportComment(repository, pullRequest, marker, reply);
    await verifyPullRequest(planning, { repository, pullRequest, again: undefined, requestedBy }, signal);
    return `ignored: ${head} was pushed after ${requestedBy} wrote /ok-to-test: look at it, and comment again`;
  }
  await store.trust.approve(repository, pullRequest, pull.headSha, requestedBy);
  await store.audit.append({
    at: Date.now(),
    actor: requestedBy,
    action: 'ok-to-test',
    subject: `${repository}#${pullRequest}`,
    detail: pull.headSha,
  });
  return verifyPullRequest(
    planning,
    { repository, pullRequest, again: `trusted-${pull.headSha}`, requestedBy },
    signal,
  );
}

async function mayWrite({ forge }: Planning, repository: string, user: string): Promise<boolean> {
  return ['admin', 'write'].includes(await forge.permission(repository, user));
}
