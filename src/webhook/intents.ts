import type { EventPayloadMap } from '@octokit/webhooks-types';
import { z } from 'zod';
import { gateContext } from '../domain/gate-status.ts';
import type { Intent } from '../domain/intent.ts';
import type { Delivery } from '../ports/store.ts';
import { readComment } from './comment-command.ts';

/** One row of the table. The type parameter proves that GitHub's payload of the event fits what the row reads. */
interface Rule<in Payload> {
  accepts?: (payload: Payload) => void;
  read(payload: unknown, deliveryId: string): Intent;
}

function rule<Fields, Payload>(
  fields: z.ZodType<Fields, Payload>,
  toIntent: (event: Fields, deliveryId: string) => Intent,
): Rule<Payload> {
  return {
    read(payload, deliveryId) {
      const parsed = fields.safeParse(payload);
      if (parsed.success) return toIntent(parsed.data, deliveryId);
      const [issue] = parsed.error.issues;
      return ignore(`the payload is malformed: ${issue?.path.join('.') || 'payload'}: ${issue?.message}`);
    },
  };
}

const ignore = (reason: string): Intent => ({ intent: 'ignore', reason });

/** No forge has such names, and neither git nor the store takes them. */
const name = z
  .string()
  .min(1)
  .max(1_000)
  .regex(/^\P{Cc}*$/u, 'expected a name without control characters');
const repository = z.object({ full_name: name.regex(/^[^/\s]+\/[^/\s]+$/, 'expected owner/name') });
const sender = z.object({ login: name, type: z.string() });
const common = { repository, sender };
const number = z.int32().positive();
const sha = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, 'expected a commit id');

const verifying = new Set([
  'opened',
  'reopened',
  'synchronize',
  'labeled',
  'ready_for_review',
  'converted_to_draft',
  'closed',
]);

const pullRequest = rule(
  z.object({
    ...common,
    action: z.string(),
    number,
    changes: z.object({ base: z.unknown().optional() }).optional(),
  }),
  ({ action, number, changes, repository, sender }) => {
    const subject = { repository: repository.full_name, pullRequest: number, requestedBy: sender.login };
    const newBase = action === 'edited' && changes?.base !== undefined;
    if (verifying.has(action) || newBase) return { intent: 'verify', again: undefined, ...subject };
    return ignore(`pull_request ${action} changes nothing that is tested`);
  },
);

const pullRequestReview = rule(
  z.object({ ...common, action: z.string(), pull_request: z.object({ number }) }),
  ({ pull_request, repository, sender }) => ({
    intent: 'verify',
    repository: repository.full_name,
    pullRequest: pull_request.number,
    again: undefined,
    requestedBy: sender.login,
  }),
);

const push = rule(z.object({ ...common, ref: name, deleted: z.boolean() }), (event) => {
  const branch = branchOf(event.ref);
  if (branch === undefined) return ignore(`${event.ref} is not a branch`);
  if (event.deleted) return ignore(`the branch ${branch} was deleted`);
  return { intent: 'roll-out', repository: event.repository.full_name, branch, requestedBy: event.sender.login };
});

const issueComment = rule(
  z.object({
    ...common,
    action: z.string(),
    issue: z.object({ number, state: z.string().optional(), pull_request: z.unknown().optional() }),
    comment: z.object({ body: z.string(), created_at: z.iso.datetime() }),
  }),
  ({ action, issue, comment, repository, sender }, deliveryId) => {
    if (action !== 'created') return ignore(`only new comments are read, not ${action} ones`);
    if (sender.type === 'Bot') return ignore(`comments of bots are not read, and ${sender.login} is one`);
    // With a token, what Fairway writes comes from a user like any other.
    if (comment.body.startsWith('<!-- fairway:')) return ignore('the comment is one of Fairway');
    const reading = readComment(comment.body);
    if (reading.found === 'nothing') return ignore('the comment holds no command on a line of its own');
    const what = reading.found === 'command' ? reading.command : reading.said;
    if (issue.pull_request === undefined) return ignore(`${what}: #${issue.number} is an issue, not a pull request`);
    if (issue.state === 'closed') return ignore(`${what}: the pull request #${issue.number} is closed`);
    const subject = { repository: repository.full_name, pullRequest: issue.number, requestedBy: sender.login };
    if (reading.found === 'attempt') return { intent: 'answer', said: reading.said, ...subject };
    const { command } = reading;
    if (command === '/ok-to-test')
      return { intent: 'trust', commit: reading.commit, writtenAt: Date.parse(comment.created_at), ...subject };
    if (command === '/cancel') return { intent: 'cancel', reason: `${sender.login} commented /cancel`, ...subject };
    return { intent: 'verify', again: deliveryId, ...subject };
  },
);

// GitHub names no pull request for heads that live in a fork.
const checked = { head_sha: sha, pull_requests: z.array(z.object({ number })) };

const checkRun = rule(
  z.object({ ...common, action: z.string(), check_run: z.object({ name: z.string(), ...checked }) }),
  ({ action, check_run, ...event }, deliveryId) => {
    if (action !== 'rerequested') return ignore(`check_run ${action} asks for nothing`);
    if (!check_run.name.startsWith('fairway')) return ignore(`the check ${check_run.name} is not one of Fairway's`);
    return checkAgain(event, check_run, deliveryId);
  },
);

/** "Re-run all checks"; the forge tells it only to the app whose checks they are. */
const checkSuite = rule(
  z.object({ ...common, action: z.string(), check_suite: z.object(checked) }),
  ({ action, check_suite, ...event }, deliveryId) =>
    action === 'rerequested'
      ? checkAgain(event, check_suite, deliveryId)
      : ignore(`check_suite ${action} asks for nothing`),
);

function checkAgain(
  { repository, sender }: { repository: { full_name: string }; sender: { login: string } },
  { head_sha, pull_requests }: { head_sha: string; pull_requests: { number: number }[] },
  deliveryId: string,
): Intent {
  return {
    intent: 'verify-commit',
    repository: repository.full_name,
    headSha: head_sha,
    pullRequests: pull_requests.map(({ number }) => number),
    again: deliveryId,
    requestedBy: sender.login,
  };
}

const mergeGroup = rule(
  z.object({
    repository,
    action: z.string(),
    reason: z.string().optional(),
    merge_group: z.object({ head_sha: sha, base_sha: sha, base_ref: name }),
  }),
  ({ action, reason, merge_group, repository }) => {
    if (action === 'destroyed')
      return {
        intent: 'cancel-merge-group',
        repository: repository.full_name,
        headSha: merge_group.head_sha,
        reason: `the merge queue has ${reason === 'merged' ? 'merged the group' : 'given the group up'}`,
      };
    if (action !== 'checks_requested') return ignore(`merge_group ${action} asks for nothing`);
    const branch = branchOf(merge_group.base_ref);
    if (branch === undefined) return ignore(`${merge_group.base_ref} is not a branch`);
    return {
      intent: 'verify-merge-group',
      repository: repository.full_name,
      branch,
      baseSha: merge_group.base_sha,
      headSha: merge_group.head_sha,
    };
  },
);

const login = z.object({ login: z.string() }).optional();
const nameBefore = z.object({ repository: z.object({ name: z.object({ from: z.string() }) }) });
const ownerBefore = z.object({ owner: z.object({ from: z.object({ user: login, organization: login }) }) });

const repositoryMoved = rule(
  z.object({ repository, action: z.string(), changes: z.unknown().optional() }),
  ({ action, repository, changes }) => {
    if (action !== 'renamed' && action !== 'transferred') return ignore(`repository ${action} asks for nothing`);
    const to = repository.full_name;
    const [owner, name] = to.split('/');
    const { user, organization } = ownerBefore.safeParse(changes).data?.owner.from ?? {};
    const oldName = nameBefore.safeParse(changes).data?.repository.name.from ?? name;
    return { intent: 'repository-moved', repository: `${(user ?? organization)?.login ?? owner}/${oldName}`, to };
  },
);

const status = rule(z.object({ repository, context: z.string(), sha }), ({ repository, context, sha }) =>
  context === gateContext
    ? { intent: 'gate-status', repository: repository.full_name, headSha: sha }
    : ignore(`the status ${context} is not Fairway's gate`),
);

type Event =
  | 'status'
  | 'repository'
  | 'pull_request'
  | 'pull_request_review'
  | 'push'
  | 'issue_comment'
  | 'check_run'
  | 'check_suite'
  | 'merge_group'
  | 'ping';

const table: { [E in Event]: Rule<EventPayloadMap[E]> } = {
  status,
  pull_request_review: pullRequestReview,
  repository: repositoryMoved,
  pull_request: pullRequest,
  push,
  issue_comment: issueComment,
  check_run: checkRun,
  check_suite: checkSuite,
  merge_group: mergeGroup,
  ping: rule(z.unknown(), () => ignore('a ping: the webhook reaches Fairway')),
};

const rules: ReadonlyMap<string, Pick<Rule<never>, 'read'>> = new Map(Object.entries(table));

/** What a delivery asks for. Total: what can't be read or means nothing here is ignored, with the reason in words. */
export function intentOf({ id, event, payload }: Pick<Delivery, 'id' | 'event' | 'payload'>): Intent {
  const found = rules.get(event);
  if (!found) return ignore(`Fairway has no use for the event ${event}`);
  try {
    return found.read(JSON.parse(payload), id);
  } catch (error) {
    if (error instanceof SyntaxError) return ignore('the payload is malformed: it is not JSON');
    throw error;
  }
}

function branchOf(ref: string): string | undefined {
  return ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : undefined;
}
