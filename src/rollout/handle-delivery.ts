import { FairwayError, messageOf } from '../domain/errors.ts';
import type { Intent } from '../domain/intent.ts';
import type { Delivery } from '../ports/store.ts';
import type { Planning } from './planning.ts';
import { rollOutChannel } from './roll-out-channel.ts';
import { supersede, verifyPullRequest } from './verify-pull-request.ts';

/** Does what a stored delivery asks for, once. A forge that is away leaves it pending for the next sweep. */
export async function handleDelivery(
  planning: Planning,
  id: string,
  intentOf: (delivery: Delivery) => Intent,
  signal: AbortSignal,
): Promise<void> {
  const delivery = await planning.store.deliveries.get(id);
  if (!delivery) return;
  try {
    await planning.store.deliveries.finish(id, await carryOut(planning, intentOf(delivery), signal));
  } catch (error) {
    if (!(error instanceof FairwayError) || error.kind === 'unavailable') throw error;
    await planning.store.deliveries.finish(id, `refused: ${messageOf(error)}`);
  }
}

export async function carryOut(planning: Planning, intent: Intent, signal: AbortSignal): Promise<string> {
  switch (intent.intent) {
    case 'ignore':
      return `ignored: ${intent.reason}`;
    case 'verify':
      if (intent.again !== undefined && !(await mayWrite(planning, intent.repository, intent.requestedBy)))
        return `ignored: ${intent.requestedBy} has no write access`;
      return verifyPullRequest(planning, intent, signal);
    case 'roll-out':
      return rollOutChannel(planning, intent, signal);
    case 'cancel':
      if (intent.requestedBy !== '' && !(await mayWrite(planning, intent.repository, intent.requestedBy)))
        return `ignored: ${intent.requestedBy} has no write access`;
      return `${await supersede(planning, intent, undefined, intent.reason)} runs cancelled`;
    case 'trust':
      return trust(planning, intent, signal);
    case 'verify-merge-group':
      return 'ignored: merge groups are not supported yet';
  }
}

async function trust(
  planning: Planning,
  { repository, pullRequest, requestedBy }: Extract<Intent, { intent: 'trust' }>,
  signal: AbortSignal,
): Promise<string> {
  const { forge, store } = planning;
  if (!(await mayWrite(planning, repository, requestedBy))) return `ignored: ${requestedBy} has no write access`;
  const pull = await forge.pullRequest(repository, pullRequest);
  if (!pull) return `there is no pull request #${pullRequest}`;
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
