import { userById } from './accounts.ts';
import { type BareRepository, NO_COMMIT } from './bare-repository.ts';
import { type ForgeContext, gitOf, timestamp } from './forge-context.ts';
import type { ForgeDatabase } from './forge-database.ts';
import type { Row } from './forge-tables.ts';
import { addPullEvent, type PullEvent, pointPullRef } from './pull-events.ts';
import { openPulls, pullState } from './pull-records.ts';
import { pushPayload, type RefMove } from './push-payload.ts';

/**
 * Tells what has happened to a repository's refs since it was last told: push events, heads of pull requests that moved, pull
 * requests that became merged. Whoever moves a ref calls it afterwards, and so does the start of the forge, for what a crash
 * left untold. Call it within the repository's turn of `forge.serial`.
 */
export async function announceRefs(
  forge: ForgeContext,
  repository: Row<'repositories'>,
  sender: Row<'users'>,
): Promise<void> {
  const git = gitOf(forge, repository);
  const now = await git.refs('refs/heads', 'refs/tags');
  const rows = await forge.database
    .selectFrom('announcedRefs')
    .selectAll()
    .where('repositoryId', '=', repository.id)
    .execute();
  const told = new Map(rows.map((row): [string, string] => [row.ref, row.sha]));
  for (const ref of new Set([...now.keys(), ...told.keys()])) {
    const move = { ref, before: told.get(ref) ?? NO_COMMIT, after: now.get(ref) ?? NO_COMMIT };
    if (move.before !== move.after) await announceMove(forge, repository, sender, move);
  }
  forge.outbox.wake();
}

/** Announces within the repository's turn. */
export async function announceRefsInTurn(
  forge: ForgeContext,
  repository: Row<'repositories'>,
  sender: Row<'users'>,
): Promise<void> {
  await forge.serial.run(String(repository.id), () => announceRefs(forge, repository, sender));
}

async function announceMove(
  forge: ForgeContext,
  repository: Row<'repositories'>,
  sender: Row<'users'>,
  move: RefMove,
): Promise<void> {
  const git = gitOf(forge, repository);
  const owner = await userById(forge.database, repository.ownerId);
  const payload = await pushPayload(forge.urls, git, { ...move, repository, owner, sender });
  const consequences = await pullConsequences(forge, repository, sender, move);
  await forge.database.transaction().execute(async (transaction) => {
    await recordRef(transaction, repository.id, move);
    await forge.outbox.add(transaction, repository.id, { event: 'push', payload });
    for (const { pull, event } of consequences) {
      await transaction.updateTable('pulls').set(pull).where('id', '=', pull.id).execute();
      if (event) await addPullEvent(forge, transaction, repository, event);
    }
  });
}

async function recordRef(transaction: ForgeDatabase, repositoryId: number, { ref, after }: RefMove): Promise<void> {
  if (after === NO_COMMIT) {
    await transaction
      .deleteFrom('announcedRefs')
      .where('repositoryId', '=', repositoryId)
      .where('ref', '=', ref)
      .execute();
    return;
  }
  await transaction
    .insertInto('announcedRefs')
    .values({ repositoryId, ref, sha: after })
    .onConflict((conflict) => conflict.columns(['repositoryId', 'ref']).doUpdateSet({ sha: after }))
    .execute();
}

interface Consequence {
  pull: Row<'pulls'>;
  event: PullEvent | undefined;
}

async function pullConsequences(
  forge: ForgeContext,
  repository: Row<'repositories'>,
  sender: Row<'users'>,
  move: RefMove,
): Promise<Consequence[]> {
  const branch = move.ref.startsWith('refs/heads/') ? move.ref.slice('refs/heads/'.length) : undefined;
  const consequences: Consequence[] = [];
  for (const pull of await openPulls(forge.database, repository.id)) {
    if (pull.baseRef === branch) consequences.push(await afterBaseMoved(forge, repository, sender, pull, move));
    else if (pull.headRef === branch && pull.headSha !== move.after) {
      consequences.push(await afterHeadMoved(forge, repository, sender, pull, move));
    }
  }
  return consequences;
}

async function afterHeadMoved(
  forge: ForgeContext,
  repository: Row<'repositories'>,
  sender: Row<'users'>,
  before: Row<'pulls'>,
  move: RefMove,
): Promise<Consequence> {
  if (move.after === NO_COMMIT) return await closed(forge, repository, sender, before);
  const pull = { ...before, headSha: move.after, updatedAt: timestamp() };
  await pointPullRef(forge, repository, pull);
  const details = { before: before.headSha, after: move.after };
  return {
    pull,
    event: { action: 'synchronize', pull, state: await pullState(forge, repository, pull), sender, details },
  };
}

/** GitHub closes a pull request whose base is gone, and calls merged one whose commits have arrived there, by whatever way. */
async function afterBaseMoved(
  forge: ForgeContext,
  repository: Row<'repositories'>,
  sender: Row<'users'>,
  before: Row<'pulls'>,
  move: RefMove,
): Promise<Consequence> {
  if (move.after === NO_COMMIT) return await closed(forge, repository, sender, before);
  const merge = await mergeThatArrived(gitOf(forge, repository), before, sender, move.after);
  if (!merge) return { pull: { ...before, baseSha: move.after }, event: undefined };
  const mergedBy = await userById(forge.database, merge.mergedById);
  return await closed(forge, repository, mergedBy, { ...before, ...merge, mergedAt: timestamp() });
}

async function mergeThatArrived(git: BareRepository, pull: Row<'pulls'>, sender: Row<'users'>, baseTip: string) {
  const { mergeCommitSha, mergedById } = pull;
  if (mergeCommitSha && mergedById && (await git.isAncestor(mergeCommitSha, baseTip)))
    return { mergeCommitSha, mergedById };
  if (await git.isAncestor(pull.headSha, baseTip)) return { mergeCommitSha: baseTip, mergedById: sender.id };
  return undefined;
}

async function closed(
  forge: ForgeContext,
  repository: Row<'repositories'>,
  sender: Row<'users'>,
  before: Row<'pulls'>,
): Promise<Consequence> {
  const pull: Row<'pulls'> = { ...before, state: 'closed', closedAt: timestamp(), updatedAt: timestamp() };
  return { pull, event: { action: 'closed', pull, state: await pullState(forge, repository, pull), sender } };
}
