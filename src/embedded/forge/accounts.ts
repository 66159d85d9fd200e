import { createHash, randomBytes } from 'node:crypto';
import { FairwayError } from '../../domain/errors.ts';
import { timestamp } from './forge-context.ts';
import type { ForgeDatabase } from './forge-database.ts';
import type { Permission, Row } from './forge-tables.ts';

const LOGIN = /^[a-z\d](?:[a-z\d]|-(?=[a-z\d])){0,38}(?:\[bot\])?$/i;
const SHORTEST_TOKEN = 20;
const STRENGTH: readonly Permission[] = ['none', 'read', 'write', 'admin'];

/** Creates the account, or gives the one that exists this base permission. */
export async function ensureUser(
  database: ForgeDatabase,
  login: string,
  permission: Permission,
): Promise<Row<'users'>> {
  return await ensureAccount(database, { login, type: 'User', permission });
}

/** The account that owns repositories: a user where there is one, else an organization. */
export async function ensureOwner(database: ForgeDatabase, login: string): Promise<Row<'users'>> {
  const existing = await database.selectFrom('users').selectAll().where('login', '=', login).executeTakeFirst();
  return existing ?? (await ensureAccount(database, { login, type: 'Organization', permission: 'none' }));
}

async function ensureAccount(
  database: ForgeDatabase,
  account: Pick<Row<'users'>, 'login' | 'type' | 'permission'>,
): Promise<Row<'users'>> {
  if (!LOGIN.test(account.login)) {
    throw new FairwayError(
      'refused',
      `"${account.login}" can't be a login: use letters, digits and single hyphens, 39 at most`,
    );
  }
  return await database
    .insertInto('users')
    .values({ ...account, createdAt: timestamp() })
    .onConflict((conflict) =>
      conflict.column('login').doUpdateSet({ type: account.type, permission: account.permission }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Makes `token` one of the user's, and returns it; without one, a new random token. Only its hash is kept. */
export async function ensureToken(database: ForgeDatabase, login: string, token = newToken()): Promise<string> {
  if (token.length < SHORTEST_TOKEN) {
    throw new FairwayError(
      'refused',
      `the token for ${login} has ${token.length} characters; use a random one of at least ${SHORTEST_TOKEN}`,
    );
  }
  const user = await database.selectFrom('users').select('id').where('login', '=', login).executeTakeFirst();
  if (!user) throw new FairwayError('missing', `no user "${login}": create it before its token`);
  await database
    .insertInto('tokens')
    .values({ hash: hashOf(token), userId: user.id, createdAt: timestamp() })
    .onConflict((conflict) => conflict.column('hash').doUpdateSet({ userId: user.id }))
    .execute();
  return token;
}

/** Whose token it is. */
export async function userOfToken(database: ForgeDatabase, token: string): Promise<Row<'users'> | undefined> {
  return await database
    .selectFrom('tokens')
    .innerJoin('users', 'users.id', 'tokens.userId')
    .selectAll('users')
    .where('hash', '=', hashOf(token))
    .executeTakeFirst();
}

export async function userById(database: ForgeDatabase, id: number): Promise<Row<'users'>> {
  return await database.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

/** The strongest of what the owner, the base permission and the collaborator's entry give. */
export async function permissionOf(
  database: ForgeDatabase,
  user: Row<'users'>,
  repository: Row<'repositories'>,
): Promise<Permission> {
  if (user.id === repository.ownerId) return 'admin';
  const entry = await database
    .selectFrom('collaborators')
    .select('permission')
    .where('repositoryId', '=', repository.id)
    .where('userId', '=', user.id)
    .executeTakeFirst();
  const granted = entry?.permission ?? 'none';
  return atLeast(granted, user.permission) ? granted : user.permission;
}

export function atLeast(permission: Permission, wanted: Permission): boolean {
  return STRENGTH.indexOf(permission) >= STRENGTH.indexOf(wanted);
}

function newToken(): string {
  return `fwp_${randomBytes(24).toString('hex')}`;
}

/** A fast hash is enough: tokens are random, not chosen by people. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
