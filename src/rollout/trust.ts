import type { Intent } from '../domain/intent.ts';
import { refuseCommand } from './answer-comment.ts';
import { needsTrust } from './needs-trust.ts';
import type { Planning } from './planning.ts';
import { verifyPullRequest } from './verify-pull-request.ts';

/** How far the forge's clock and ours may be apart, and how fast nobody reads a change, milliseconds. */
const clocksApart = 5_000;

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

/**
 * Takes a head for looked at: the one that the comment names, or the one that stood when it was written. Forges don't tell reliably when
 * a head was pushed; that there was a run for it well before the comment, which the pull request showed, does.
 */
export async function trust(
  planning: Planning,
  request: Extract<Intent, { intent: 'trust' }>,
  signal: AbortSignal,
): Promise<string> {
  const { forge, store } = planning;
  const { repository, pullRequest, requestedBy, commit } = request;
  const asked = { repository, pullRequest, requestedBy };
  if (!(await mayWrite(planning, repository, requestedBy)))
    return refuseCommand(planning, asked, `${requestedBy} has no write access`);
  const pull = await forge.pullRequest(repository, pullRequest);
  if (!pull) return `there is no pull request #${pullRequest}`;
  const runs = await store.runs.list({ repository, pullRequest });
  const stood = runs.find(({ createdAt }) => createdAt + clocksApart <= request.writtenAt)?.headSha;
  if ((commit ?? stood) !== pull.headSha) {
    await verifyPullRequest(planning, { ...asked, again: undefined }, signal);
    const other = commit === undefined ? 'may have been pushed after the comment was written' : `is not ${commit}`;
    const refusal = `the head is ${pull.headSha}, which ${other}; when you have looked at it, comment /ok-to-test ${pull.headSha}`;
    return refuseCommand(planning, asked, refusal);
  }
  await store.trust.approve(repository, pullRequest, pull.headSha, requestedBy);
  await store.audit.append({
    at: Date.now(),
    actor: requestedBy,
    action: 'ok-to-test',
    subject: `${repository}#${pullRequest}`,
    detail: pull.headSha,
  });
  return verifyPullRequest(planning, { ...asked, again: `trusted-${pull.headSha}` }, signal);
}

async function mayWrite({ forge }: Planning, repository: string, user: string): Promise<boolean> {
  return ['admin', 'write'].includes(await forge.permission(repository, user));
}
