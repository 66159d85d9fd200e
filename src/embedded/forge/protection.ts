import { z } from 'zod';
import { type ForgeContext, gitOf } from './forge-context.ts';
import type { ForgeDatabase } from './forge-database.ts';
import type { Permission, Row } from './forge-tables.ts';

export interface Hindrance {
  state: 'draft' | 'behind' | 'blocked';
  /** GitHub's sentence. */
  message: string;
}

export interface ProtectionRule {
  /** Contexts that must be green; undefined requires none. */
  requiredChecks: string[] | undefined;
  /** The head must also contain the base branch's tip. */
  strict: boolean;
  enforceAdmins: boolean;
  requiredApprovals: number | undefined;
}

const contexts = z.array(z.string());

/** Sets the branch's protection in place of what it had. */
export async function protect(
  database: ForgeDatabase,
  repositoryId: number,
  branch: string,
  rule: ProtectionRule,
): Promise<Row<'protections'>> {
  const row = {
    strict: rule.strict ? 1 : 0,
    requiredChecks: rule.requiredChecks === undefined ? null : JSON.stringify(rule.requiredChecks),
    enforceAdmins: rule.enforceAdmins ? 1 : 0,
    requiredApprovals: rule.requiredApprovals ?? null,
  };
  return await database
    .insertInto('protections')
    .values({ repositoryId, branch, ...row })
    .onConflict((conflict) => conflict.columns(['repositoryId', 'branch']).doUpdateSet(row))
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function protectionOf(
  database: ForgeDatabase,
  repositoryId: number,
  branch: string,
): Promise<Row<'protections'> | undefined> {
  return await database
    .selectFrom('protections')
    .selectAll()
    .where('repositoryId', '=', repositoryId)
    .where('branch', '=', branch)
    .executeTakeFirst();
}

export function requiredChecks(protection: Row<'protections'>): string[] {
  return protection.requiredChecks === null ? [] : contexts.parse(JSON.parse(protection.requiredChecks));
}

/** The refs that this user may not push to: an admin is held back only where admins are included. */
export async function protectedRefs(
  database: ForgeDatabase,
  repositoryId: number,
  permission: Permission,
): Promise<string[]> {
  const rows = await database.selectFrom('protections').selectAll().where('repositoryId', '=', repositoryId).execute();
  return rows
    .filter((row) => permission !== 'admin' || row.enforceAdmins === 1)
    .map((row) => `refs/heads/${row.branch}`);
}

/** Why the pull request may not be merged now, apart from conflicts; the first reason counts. */
export async function mergeHindrance(
  forge: ForgeContext,
  repository: Row<'repositories'>,
  pull: Row<'pulls'>,
): Promise<Hindrance | undefined> {
  if (pull.draft === 1) return { state: 'draft', message: 'Pull Request is still a draft' };
  const protection = await protectionOf(forge.database, repository.id, pull.baseRef);
  if (!protection) return undefined;
  const approvals = await missingApprovals(forge.database, protection, pull);
  if (approvals) return { state: 'blocked', message: approvals };
  const checks = await missingChecks(forge.database, protection, pull);
  if (checks) return { state: 'blocked', message: checks };
  if (protection.strict === 1 && !(await gitOf(forge, repository).isAncestor(pull.baseSha, pull.headSha))) {
    return { state: 'behind', message: 'The head branch is not up to date with the base branch.' };
  }
  return undefined;
}

async function missingChecks(
  database: ForgeDatabase,
  protection: Row<'protections'>,
  pull: Row<'pulls'>,
): Promise<string | undefined> {
  const sentences: string[] = [];
  for (const context of requiredChecks(protection)) {
    const state = await checkState(database, pull.repositoryId, pull.headSha, context);
    if (state !== 'success') sentences.push(`Required status check "${context}" is ${state}.`);
  }
  return sentences.length > 0 ? sentences.join(' ') : undefined;
}

/** A required context is met by a commit status or a check run of that name; of both, each must be green. */
async function checkState(
  database: ForgeDatabase,
  repositoryId: number,
  sha: string,
  context: string,
): Promise<'success' | 'expected' | 'pending' | 'in progress' | 'failing'> {
  const status = await database
    .selectFrom('statuses')
    .select('state')
    .where('repositoryId', '=', repositoryId)
    .where('sha', '=', sha)
    .where('context', '=', context)
    .orderBy('id', 'desc')
    .executeTakeFirst();
  const check = await database
    .selectFrom('checkRuns')
    .select(['status', 'conclusion'])
    .where('repositoryId', '=', repositoryId)
    .where('sha', '=', sha)
    .where('name', '=', context)
    .orderBy('id', 'desc')
    .executeTakeFirst();
  if (!status && !check) return 'expected';
  if (status?.state === 'failure' || status?.state === 'error') return 'failing';
  if (check?.status === 'completed' && !['success', 'neutral', 'skipped'].includes(check.conclusion ?? ''))
    return 'failing';
  if (status?.state === 'pending') return 'pending';
  if (check && check.status !== 'completed') return 'in progress';
  return 'success';
}

async function missingApprovals(
  database: ForgeDatabase,
  protection: Row<'protections'>,
  pull: Row<'pulls'>,
): Promise<string | undefined> {
  const wanted = protection.requiredApprovals ?? 0;
  if (wanted === 0) return undefined;
  const reviews = await database
    .selectFrom('reviews')
    .selectAll()
    .where('pullId', '=', pull.id)
    .where('state', '!=', 'COMMENTED')
    .orderBy('id')
    .execute();
  const latest = new Map(reviews.map((review): [number, string] => [review.authorId, review.state]));
  const states = [...latest.values()];
  if (states.includes('CHANGES_REQUESTED')) return 'Changes have been requested.';
  if (states.filter((state) => state === 'APPROVED').length >= wanted) return undefined;
  return `At least ${wanted} approving review${wanted === 1 ? ' is' : 's are'} required by reviewers with write access.`;
}
