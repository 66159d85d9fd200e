import { announceRefs } from './announce-refs.ts';
import { type FieldError, invalid, validationFailed } from './api-error.ts';
import type { Access } from './authentication.ts';
import { type ForgeContext, gitOf, timestamp } from './forge-context.ts';
import type { Row } from './forge-tables.ts';
import { addPullEvent, pointPullRef } from './pull-events.ts';
import { pullState } from './pull-records.ts';

export interface NewPull {
  title: string;
  body: string | null;
  /** `branch`, or `owner:branch` of the same owner. */
  head: string;
  base: string;
  draft: boolean;
}

/** Opens a pull request, or throws why it can't be: 422 in GitHub's words. */
export async function openPull(forge: ForgeContext, access: Access, request: NewPull): Promise<Row<'pulls'>> {
  const { repository, viewer } = access;
  return await forge.serial.run(String(repository.id), async () => {
    await announceRefs(forge, repository, viewer);
    const ends = await findEnds(forge, repository, request);
    const pull = await nextPull(forge, access, request, ends);
    await pointPullRef(forge, repository, pull);
    const state = await pullState(forge, repository, pull);
    const { id: _unset, ...row } = pull;
    const stored = await forge.database.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('repositories')
        .set({ lastNumber: pull.number })
        .where('id', '=', repository.id)
        .execute();
      const inserted = await transaction.insertInto('pulls').values(row).returningAll().executeTakeFirstOrThrow();
      await addPullEvent(forge, transaction, repository, { action: 'opened', pull: inserted, state, sender: viewer });
      return inserted;
    });
    forge.outbox.wake();
    return stored;
  });
}

interface Ends {
  headRef: string;
  headSha: string;
  baseRef: string;
  baseSha: string;
}

async function findEnds(forge: ForgeContext, repository: Row<'repositories'>, request: NewPull): Promise<Ends> {
  const git = gitOf(forge, repository);
  const headRef = ownBranch(repository, request.head);
  const headSha = headRef === undefined ? undefined : await git.branch(headRef);
  const baseSha = await git.branch(request.base);
  if (headRef === undefined || headSha === undefined || baseSha === undefined) {
    throw validationFailed(
      ...(headSha === undefined ? [invalidField('head')] : []),
      ...(baseSha === undefined ? [invalidField('base')] : []),
    );
  }
  if ((await git.mergeBase(baseSha, headSha)) === undefined) {
    throw invalid('PullRequest', `The ${request.base} branch has no history in common with ${headRef}`);
  }
  if (await git.isAncestor(headSha, baseSha))
    throw invalid('PullRequest', `No commits between ${request.base} and ${headRef}`);
  const twin = await forge.database
    .selectFrom('pulls')
    .select('number')
    .where('repositoryId', '=', repository.id)
    .where('state', '=', 'open')
    .where('headRef', '=', headRef)
    .where('baseRef', '=', request.base)
    .executeTakeFirst();
  if (twin) throw invalid('PullRequest', `A pull request already exists for ${repository.owner}:${headRef}.`);
  return { headRef, headSha, baseRef: request.base, baseSha };
}

async function nextPull(forge: ForgeContext, access: Access, request: NewPull, ends: Ends): Promise<Row<'pulls'>> {
  const { lastNumber } = await forge.database
    .selectFrom('repositories')
    .select('lastNumber')
    .where('id', '=', access.repository.id)
    .executeTakeFirstOrThrow();
  const now = timestamp();
  return {
    id: 0,
    repositoryId: access.repository.id,
    number: lastNumber + 1,
    authorId: access.viewer.id,
    title: request.title,
    body: request.body,
    state: 'open',
    draft: request.draft ? 1 : 0,
    ...ends,
    mergedAt: null,
    mergedById: null,
    mergeCommitSha: null,
    createdAt: now,
    updatedAt: now,
    closedAt: null,
  };
}

function ownBranch(repository: Row<'repositories'>, head: string): string | undefined {
  const [owner = '', branch] = head.split(':', 2);
  if (branch === undefined) return head;
  return owner.toLowerCase() === repository.owner.toLowerCase() ? branch : undefined;
}

function invalidField(field: string): FieldError {
  return { resource: 'PullRequest', field, code: 'invalid' };
}
