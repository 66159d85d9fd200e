import { announceRefs } from './announce-refs.ts';
import { invalid, validationFailed } from './api-error.ts';
import type { Access } from './authentication.ts';
import { type ForgeContext, gitOf, timestamp } from './forge-context.ts';
import type { Row } from './forge-tables.ts';
import { addPullEvent, type PullEvent, pointPullRef } from './pull-events.ts';
import { findPull, pullState } from './pull-records.ts';

export interface PullChange {
  title?: string | undefined;
  body?: string | null | undefined;
  base?: string | undefined;
  state?: 'open' | 'closed' | undefined;
}

/** Changes title, body or base (`edited`), closes or reopens; what is as wished already makes no event. */
export async function updatePull(
  forge: ForgeContext,
  access: Access,
  number: number,
  change: PullChange,
): Promise<Row<'pulls'>> {
  const { repository, viewer } = access;
  return await forge.serial.run(String(repository.id), async () => {
    await announceRefs(forge, repository, viewer);
    const before = await findPull(forge.database, repository, number);
    const edited = await edit(forge, repository, before, change);
    const pull = await changeState(forge, repository, edited.pull, change.state);
    if (pull === before) return before;
    await pointPullRef(forge, repository, pull);
    const state = await pullState(forge, repository, pull);
    const events: PullEvent[] = [];
    if (edited.pull !== before)
      events.push({ action: 'edited', pull, state, sender: viewer, details: { changes: edited.changes } });
    if (pull.state !== before.state)
      events.push({ action: pull.state === 'open' ? 'reopened' : 'closed', pull, state, sender: viewer });
    await forge.database.transaction().execute(async (transaction) => {
      await transaction.updateTable('pulls').set(pull).where('id', '=', pull.id).execute();
      for (const event of events) await addPullEvent(forge, transaction, repository, event);
    });
    forge.outbox.wake();
    return pull;
  });
}

async function edit(forge: ForgeContext, repository: Row<'repositories'>, before: Row<'pulls'>, change: PullChange) {
  const pull = { ...before, updatedAt: timestamp() };
  const changes: Record<string, object> = {};
  if (change.title !== undefined && change.title !== before.title) {
    changes.title = { from: before.title };
    pull.title = change.title;
  }
  if (change.body !== undefined && change.body !== before.body) {
    changes.body = { from: before.body ?? '' };
    pull.body = change.body;
  }
  if (change.base !== undefined && change.base !== before.baseRef) {
    const baseSha = await gitOf(forge, repository).branch(change.base);
    if (baseSha === undefined) throw validationFailed({ resource: 'PullRequest', field: 'base', code: 'invalid' });
    changes.base = { ref: { from: before.baseRef }, sha: { from: before.baseSha } };
    Object.assign(pull, { baseRef: change.base, baseSha });
  }
  return { pull: Object.keys(changes).length > 0 ? pull : before, changes };
}

async function changeState(
  forge: ForgeContext,
  repository: Row<'repositories'>,
  pull: Row<'pulls'>,
  state: PullChange['state'],
): Promise<Row<'pulls'>> {
  if (state === undefined || state === pull.state) return pull;
  if (state === 'closed') return { ...pull, state, closedAt: timestamp(), updatedAt: timestamp() };
  if (pull.mergedAt !== null)
    throw invalid('PullRequest', 'state cannot be changed. The pull request is already merged.');
  const git = gitOf(forge, repository);
  const headSha = await git.branch(pull.headRef);
  const baseSha = await git.branch(pull.baseRef);
  if (headSha === undefined || baseSha === undefined) {
    const gone = headSha === undefined ? pull.headRef : pull.baseRef;
    throw invalid('PullRequest', `state cannot be changed. The ${gone} branch has been deleted.`);
  }
  return { ...pull, state, headSha, baseSha, closedAt: null, updatedAt: timestamp() };
}
