import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { atLeast, permissionOf, userOfToken } from './accounts.ts';
import { ApiError, notFound } from './api-error.ts';
import type { ForgeContext } from './forge-context.ts';
import type { Permission, Row } from './forge-tables.ts';
import { fullNameOf } from './json/repository-json.ts';

export interface Access {
  viewer: Row<'users'>;
  repository: Row<'repositories'>;
  fullName: string;
  permission: Permission;
}

const repositoryPath = z.object({ owner: z.string(), repo: z.string() });

declare module 'fastify' {
  interface FastifyRequest {
    /** Whom the forge has recognized; to be asked of `authenticate`. */
    forgeViewer: Row<'users'> | undefined;
  }
}

/** The user whose token the request carries: `Bearer`, `token`, or the password of Basic. Else 401, or 429 after too many guesses. */
export async function authenticate(forge: ForgeContext, request: FastifyRequest): Promise<Row<'users'>> {
  request.forgeViewer ??= await recognize(forge, request);
  return request.forgeViewer;
}

async function recognize(forge: ForgeContext, { headers, ip }: FastifyRequest): Promise<Row<'users'>> {
  if (!headers.authorization) throw new ApiError(401, 'Requires authentication');
  const lookUp = (token: string) => userOfToken(forge.database, token);
  const checked = await forge.guesses.check(ip, tokenOf(headers.authorization), lookUp);
  switch (checked.outcome) {
    case 'known':
      return checked.who;
    case 'unknown':
      throw new ApiError(401, 'Bad credentials');
    case 'too many guesses': {
      const message = `Too many wrong tokens came from ${ip}: try again in ${checked.seconds} s`;
      throw new ApiError(429, message, [], { 'retry-after': String(checked.seconds) });
    }
  }
}

/** The repository of the path, if the user may do `wanted` there: 404 for who can't read it, 403 for who may do less. */
export async function access(forge: ForgeContext, request: FastifyRequest, wanted: Permission): Promise<Access> {
  const viewer = await authenticate(forge, request);
  const { owner, repo } = repositoryPath.parse(request.params);
  return await accessTo(forge, viewer, { owner, name: repo }, wanted);
}

export async function accessTo(
  forge: ForgeContext,
  viewer: Row<'users'>,
  name: { owner: string; name: string },
  wanted: Permission,
): Promise<Access> {
  const repository = await findRepository(forge, name.owner, name.name);
  const permission = repository ? await permissionOf(forge.database, viewer, repository) : 'none';
  if (!repository || permission === 'none') throw notFound();
  if (!atLeast(permission, wanted)) throw new ApiError(403, REFUSALS[wanted]);
  return { viewer, repository, permission, fullName: fullNameOf(repository) };
}

export async function findRepository(
  forge: ForgeContext,
  owner: string,
  name: string,
): Promise<Row<'repositories'> | undefined> {
  return await forge.database
    .selectFrom('repositories')
    .selectAll()
    .where('owner', '=', owner)
    .where('name', '=', name)
    .executeTakeFirst();
}

const REFUSALS = {
  admin: 'Must have admin rights to Repository.',
  write: 'Must have push access to repository',
  read: 'Must have pull access to repository',
  none: 'Forbidden',
} satisfies Record<Permission, string>;

function tokenOf(authorization: string): string {
  const [scheme = '', value = ''] = authorization.trim().split(/\s+/, 2);
  if (scheme.toLowerCase() !== 'basic') return value;
  const pair = Buffer.from(value, 'base64').toString();
  return pair.slice(pair.indexOf(':') + 1);
}
