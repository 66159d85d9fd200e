import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { permissionOf } from '../accounts.ts';
import { notFound } from '../api-error.ts';
import { access } from '../authentication.ts';
import type { ForgeContext } from '../forge-context.ts';
import type { Row } from '../forge-tables.ts';
import { permissionsJson } from '../json/repository-json.ts';
import { userJson } from '../json/user-json.ts';
import { parseInput } from '../request-input.ts';

const loginPath = z.object({ login: z.string() });
const grant = z.object({ permission: z.enum(['pull', 'triage', 'push', 'maintain', 'admin']).default('push') });
const PERMISSIONS = { pull: 'read', triage: 'read', push: 'write', maintain: 'write', admin: 'admin' } as const;

/** Who may do what in a repository. */
export function collaboratorRoutes(api: FastifyInstance, forge: ForgeContext): void {
  const path = '/repos/:owner/:repo/collaborators/:login';

  api.get(`${path}/permission`, async (request) => {
    const { repository } = await access(forge, request, 'read');
    const user = await findUser(forge, request.params);
    const permission = await permissionOf(forge.database, user, repository);
    return {
      permission,
      role_name: permission,
      user: { ...userJson(forge.urls, user), role_name: permission, permissions: permissionsJson(permission) },
    };
  });

  api.get(path, async (request, reply) => {
    const { repository } = await access(forge, request, 'read');
    if ((await permissionOf(forge.database, await findUser(forge, request.params), repository)) === 'none')
      throw notFound();
    return reply.code(204).send();
  });

  api.put(path, async (request, reply) => {
    const { repository } = await access(forge, request, 'admin');
    const user = await findUser(forge, request.params);
    const permission = PERMISSIONS[parseInput(grant, request.body, 'Collaborator').permission];
    await forge.database
      .insertInto('collaborators')
      .values({ repositoryId: repository.id, userId: user.id, permission })
      .onConflict((conflict) => conflict.columns(['repositoryId', 'userId']).doUpdateSet({ permission }))
      .execute();
    return reply.code(204).send();
  });

  api.delete(path, async (request, reply) => {
    const { repository } = await access(forge, request, 'admin');
    const user = await findUser(forge, request.params);
    await forge.database
      .deleteFrom('collaborators')
      .where('repositoryId', '=', repository.id)
      .where('userId', '=', user.id)
      .execute();
    return reply.code(204).send();
  });
}

async function findUser(forge: ForgeContext, params: unknown): Promise<Row<'users'>> {
  const { login } = loginPath.parse(params);
  const user = await forge.database.selectFrom('users').selectAll().where('login', '=', login).executeTakeFirst();
  if (!user) throw notFound();
  return user;
}
