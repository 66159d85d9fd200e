import { type ForgeContext, gitOf } from './forge-context.ts';
import type { ForgeDatabase } from './forge-database.ts';
import type { Row } from './forge-tables.ts';
import { type PullState, pullJson } from './json/pull-json.ts';
import { repositoryJson } from './json/repository-json.ts';
import { userJson } from './json/user-json.ts';
import { pullRecord } from './pull-records.ts';

export interface PullEvent {
  action: 'opened' | 'reopened' | 'closed' | 'synchronize' | 'edited' | 'labeled' | 'unlabeled';
  pull: Row<'pulls'>;
  state: PullState;
  sender: Row<'users'>;
  /** What belongs to the action: `before` and `after`, `changes`, `label`. */
  details?: object;
}

/** Puts a `pull_request` event into the outbox, as part of the change's transaction. */
export async function addPullEvent(
  forge: ForgeContext,
  transaction: ForgeDatabase,
  repository: Row<'repositories'>,
  event: PullEvent,
): Promise<void> {
  const record = await pullRecord(transaction, repository, event.pull);
  await forge.outbox.add(transaction, repository.id, {
    event: 'pull_request',
    action: event.action,
    payload: {
      action: event.action,
      number: event.pull.number,
      pull_request: pullJson(forge.urls, record, event.state),
      ...event.details,
      repository: repositoryJson(forge.urls, repository, record.owner),
      sender: userJson(forge.urls, event.sender),
    },
  });
}

/** Keeps `refs/pull/N/head` at the pull request's head, where readers fetch it. */
export async function pointPullRef(
  forge: ForgeContext,
  repository: Row<'repositories'>,
  pull: Row<'pulls'>,
): Promise<void> {
  await gitOf(forge, repository).git(['update-ref', `refs/pull/${pull.number}/head`, pull.headSha]);
}
