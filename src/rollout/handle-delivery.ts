import { FairwayError, messageOf } from '../domain/errors.ts';
import { gateReportKey } from '../domain/gate-status.ts';
import type { Intent } from '../domain/intent.ts';
import { cut, visibleLines } from '../domain/visible-text.ts';
import type { Delivery } from '../ports/store.ts';
import { answerComment, refuseCommand } from './answer-comment.ts';
import { ofOwnRepository } from './own-repository.ts';
import type { Planning } from './planning.ts';
import { cancelRuns } from './pull-request-runs.ts';
import { rollOutChannel } from './roll-out-channel.ts';
import { refusalFor, trust } from './trust.ts';
import { cancelMergeGroup, verifyMergeGroup } from './verify-merge-group.ts';
import { verifyPullRequest } from './verify-pull-request.ts';

/**
 * For how long a delivery is tried again, milliseconds. One that breaks us: a passing fault is over then, a defect of ours is not. One
 * that a forge is away for: as long as a forge remembers what it sent; by then nobody waits for it any more.
 */
const patience = { broken: 10 * 60_000, unavailable: 72 * 3_600_000 };
const shortestPause = 2_000;
const longestPause = 5 * 60_000;

/**
 * Does what a stored delivery asks for, once. A forge that is away leaves it pending for a later sweep; what is given up is found again
 * by asking the forge.
 */
export async function handleDelivery(
  planning: Planning,
  id: string,
  intentOf: (delivery: Delivery) => Intent,
  signal: AbortSignal,
): Promise<void> {
  const delivery = await planning.store.deliveries.get(id);
  if (!delivery) return;
  try {
    await planning.store.deliveries.finish(
      id,
      await carryOut(planning, ofOwnRepository(intentOf(delivery), planning.repository), signal),
    );
  } catch (error) {
    const { deliveries } = planning.store;
    const message = cut(visibleLines(messageOf(error)), 4_000);
    if (error instanceof FairwayError && error.kind !== 'unavailable')
      return deliveries.finish(id, `refused: ${message}`);
    const age = Date.now() - delivery.receivedAt;
    if (age > (error instanceof FairwayError ? patience.unavailable : patience.broken))
      await deliveries.finish(id, `given up: ${message}`);
    else await deliveries.postpone(id, Date.now() + Math.min(longestPause, Math.max(shortestPause, age / 10)));
    throw error;
  }
}

export async function carryOut(planning: Planning, intent: Intent, signal: AbortSignal): Promise<string> {
  switch (intent.intent) {
    case 'ignore':
      return `ignored: ${intent.reason}`;
    case 'verify': {
      const refusal = intent.again === undefined ? undefined : await refusalFor(planning, intent);
      return refusal === undefined
        ? verifyPullRequest(planning, intent, signal)
        : refuseCommand(planning, intent, refusal);
    }
    case 'verify-commit':
      return verifyCommit(planning, intent, signal);
    case 'roll-out': {
      const { said } = await rollOutChannel(planning, intent, signal);
      await verifyOpenPullRequests(planning, intent, signal);
      return said;
    }
    case 'cancel': {
      const refusal = await refusalFor(planning, intent);
      return refusal === undefined
        ? `${await cancelRuns(planning, intent, intent.reason)} runs cancelled`
        : refuseCommand(planning, intent, refusal);
    }
    case 'answer':
      await answerComment(planning, intent, intent.said);
      return `answered ${intent.requestedBy}: ${intent.said}`;
    case 'trust':
      return trust(planning, intent, signal);
    case 'verify-merge-group':
      return verifyMergeGroup(planning, intent, signal);
    case 'gate-status': {
      const { repository, headSha } = intent;
      const [run] = await planning.store.runs.list({ kind: 'pull-request', repository, headSha, limit: 1 });
      if (!run) return `ignored: no run is about ${headSha.slice(0, 8)}`;
      // Whoever may write statuses could have written another verdict over ours: what it is, is told again.
      await planning.store.reports.sent(gateReportKey(repository, headSha), '');
      await planning.dispatcher.wake({ wake: 'report', id: run.id });
      return `the gate of ${headSha.slice(0, 8)} is looked at again`;
    }
    case 'repository-moved': {
      const { repository, to } = intent;
      const detail = `the forge calls it ${to} now: set FAIRWAY_REPOSITORY=${to} and point the webhook at it`;
      await planning.store.audit.append({
        id: `moved/${repository}/${to}`,
        at: Date.now(),
        actor: 'forge',
        action: 'repository-moved',
        subject: repository,
        detail,
      });
      return detail;
    }
    case 'cancel-merge-group':
      return cancelMergeGroup(planning, intent.repository, intent.headSha, intent.reason);
  }
}

/** One that may not be proven by whoever asked is no reason to leave the others. */
async function verifyCommit(
  planning: Planning,
  { repository, headSha, pullRequests, again, requestedBy }: Extract<Intent, { intent: 'verify-commit' }>,
  signal: AbortSignal,
): Promise<string> {
  const open = pullRequests.length > 0 ? [] : await planning.forge.openPullRequests(repository);
  const named = [...pullRequests, ...open.filter((pull) => pull.headSha === headSha).map(({ number }) => number)];
  if (named.length === 0) return `ignored: no open pull request has the head ${headSha}`;
  const said: string[] = [];
  for (const pullRequest of named) {
    const request = { repository, pullRequest, again, requestedBy };
    const refusal = await refusalFor(planning, request);
    said.push(
      refusal === undefined
        ? await verifyPullRequest(planning, request, signal)
        : `#${pullRequest} is ignored: ${refusal}`,
    );
  }
  return said.join('; ');
}

/** What a merge would give has changed for every other pull request against the branch, so that its proof holds no longer. */
async function verifyOpenPullRequests(
  planning: Planning,
  { repository, branch }: Extract<Intent, { intent: 'roll-out' }>,
  signal: AbortSignal,
): Promise<void> {
  for (const { number, baseBranch } of await planning.forge.openPullRequests(repository)) {
    if (baseBranch !== branch) continue;
    const request = { repository, pullRequest: number, again: undefined, requestedBy: 'fairway' };
    await verifyPullRequest(planning, request, signal);
  }
}
