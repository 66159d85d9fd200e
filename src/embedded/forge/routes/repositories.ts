import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { permissionOf, userById } from '../accounts.ts';
import { ApiError } from '../api-error.ts';
import { access, authenticate, findRepository } from '../authentication.ts';
import { createRepository } from '../create-repository.ts';
import type { ForgeContext } from '../forge-context.ts';
import type { Row } from '../forge-tables.ts';
import { permissionsJson, repositoryJson } from '../json/repository-json.ts';
import { paginate } from '../pagination.ts';
import { parseInput } from '../request-input.ts';

const orgPath = z.object({ org: z.string() });
const newRepository = z.object({ name: z.string().min(1).max(100), description: z.string().nullable().default('') });

/** Repositories: get, list, create. */
export function repositoryRoutes(api: FastifyInstance, forge: ForgeContext): void {
  const describe = async (viewer: Row<'users'>, repository: Row<'repositories'>) => ({
    ...repositoryJson(forge.urls, repository, await userById(forge.database, repository.ownerId)),
    permissions: permissionsJson(await permissionOf(forge.database, viewer, repository)),
  });

  const create = async (request: FastifyRequest, viewer: Row<'users'>, owner: string) => {
    const { name, description } = parseInput(newRepository, request.body, 'Repository');
    if (await findRepository(forge, owner, name)) {
      throw new ApiError(422, 'Repository creation failed.', [
        { resource: 'Repository', field: 'name', code: 'custom', message: 'name already exists on this account' },
      ]);
    }
    return await describe(
      viewer,
      await createRepository(forge, { owner, name, description: description ?? '', defaultBranch: 'main' }),
    );
  };

  api.get('/repos/:owner/:repo', async (request) => {
    const { viewer, repository } = await access(forge, request, 'read');
    return await describe(viewer, repository);
  });

  api.get('/user/repos', async (request, reply) => {
    const viewer = await authenticate(forge, request);
    const rows = await forge.database.selectFrom('repositories').selectAll().orderBy('id').execute();
    const described = await Promise.all(rows.map((row) => describe(viewer, row)));
    return paginate(
      request,
      reply,
      forge.urls.root,
      described.filter(({ permissions }) => permissions.pull),
    );
  });

  api.post('/user/repos', async (request, reply) => {
    const viewer = await authenticate(forge, request);
    return reply.code(201).send(await create(request, viewer, viewer.login));
  });

  api.post('/orgs/:org/repos', async (request, reply) => {
    const viewer = await authenticate(forge, request);
    if (viewer.permission !== 'admin')
      throw new ApiError(403, 'You need admin access to the organization before adding a repository to it.');
    return reply.code(201).send(await create(request, viewer, orgPath.parse(request.params).org));
  });
}
