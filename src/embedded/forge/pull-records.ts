import { permissionOf, userById } from './accounts.ts';
import { notFound } from './api-error.ts';
import { type ForgeContext, gitOf } from './forge-context.ts';
import type { ForgeDatabase } from './forge-database.ts';
import type { Row } from './forge-tables.ts';
import { diffSize } from './git-diff.ts';
import { mergesCleanly } from './git-merge.ts';
import type { PullRecord, PullState } from './json/pull-json.ts';
import { mergeHindrance } from './protection.ts';

export async function findPull(
  database: ForgeDatabase,
  repository: Row<'repositories'>,
  number: number,
): Promise<Row<'pulls'>> {
  const pull = await database
    .selectFrom('pulls')
    .selectAll()
    .where('repositoryId', '=', repository.id)
    .where('number', '=', number)
    .executeTakeFirst();
  if (!pull) throw notFound();
  return pull;
}

export async function openPulls(database: ForgeDatabase, repositoryId: number): Promise<Row<'pulls'>[]> {
  return await database
    .selectFrom('pulls')
    .selectAll()
    .where('repositoryId', '=', repositoryId)
    .where('state', '=', 'open')
    .orderBy('number')
    .execute();
}

export async function pullRecord(
  database: ForgeDatabase,
  repository: Row<'repositories'>,
  pull: Row<'pulls'>,
): Promise<PullRecord> {
  const author = await userById(database, pull.authorId);
  const labels = await database
    .selectFrom('pullLabels')
    .innerJoin('labels', 'labels.id', 'pullLabels.labelId')
    .selectAll('labels')
    .where('pullId', '=', pull.id)
    .orderBy('labels.name')
    .execute();
  const { comments } = await database
    .selectFrom('comments')
    .select((eb) => eb.fn.countAll<number>().as('comments'))
    .where('repositoryId', '=', repository.id)
    .where('number', '=', pull.number)
    .executeTakeFirstOrThrow();
  return {
    pull,
    repository,
    author,
    owner: await userById(database, repository.ownerId),
    authorPermission: await permissionOf(database, author, repository),
    mergedBy: pull.mergedById === null ? undefined : await userById(database, pull.mergedById),
    labels,
    comments,
  };
}

/** Asks git how the pull request stands: what it changes, and whether it could be merged. */
export async function pullState(
  forge: ForgeContext,
  repository: Row<'repositories'>,
  pull: Row<'pulls'>,
): Promise<PullState> {
  const git = gitOf(forge, repository);
  const from = (await git.mergeBase(pull.baseSha, pull.headSha)) ?? pull.baseSha;
  const size = await diffSize(git, from, pull.headSha);
  const facts = {
    commits: await git.count(`${pull.baseSha}..${pull.headSha}`),
    additions: size.additions,
    deletions: size.deletions,
    changedFiles: size.files,
  };
  if (pull.state === 'closed') return { ...facts, mergeable: null, mergeableState: 'unknown' };
  if (!(await mergesCleanly(git, pull.baseSha, pull.headSha)))
    return { ...facts, mergeable: false, mergeableState: 'dirty' };
  const hindrance = await mergeHindrance(forge, repository, pull);
  return { ...facts, mergeable: true, mergeableState: hindrance?.state ?? 'clean' };
}
