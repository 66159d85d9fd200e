import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { userById } from '../accounts.ts';
import { ApiError, notFound } from '../api-error.ts';
import { access } from '../authentication.ts';
import { type ForgeContext, gitOf, timestamp } from '../forge-context.ts';
import type { Row } from '../forge-tables.ts';
import type { GithubJson } from '../json/github-json.ts';
import { nodeId } from '../json/node-id.ts';
import { userJson } from '../json/user-json.ts';
import { paginate } from '../pagination.ts';
import { parseInput } from '../request-input.ts';

const deploymentPath = z.object({ id: z.coerce.number().int() });
const newDeployment = z.object({
  ref: z.string().min(1),
  task: z.string().default('deploy'),
  environment: z.string().min(1).default('production'),
  description: z.string().max(140).nullable().default(null),
  payload: z.unknown(),
});
const listQuery = z.object({
  sha: z.string().optional(),
  ref: z.string().optional(),
  task: z.string().optional(),
  environment: z.string().optional(),
});
const newStatus = z.object({
  state: z.enum(['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success']),
  description: z.string().max(140).default(''),
  log_url: z.string().default(''),
  target_url: z.string().default(''),
  environment_url: z.string().default(''),
});

/** Deployments and how they went. */
export function deploymentRoutes(api: FastifyInstance, forge: ForgeContext): void {
  api.get('/repos/:owner/:repo/deployments', async (request, reply) => {
    const { repository, fullName } = await access(forge, request, 'read');
    let query = forge.database
      .selectFrom('deployments')
      .selectAll()
      .where('repositoryId', '=', repository.id)
      .orderBy('id', 'desc');
    const filter = parseInput(listQuery, request.query, 'Deployment');
    for (const column of ['sha', 'ref', 'task', 'environment'] as const) {
      const wanted = filter[column];
      if (wanted !== undefined) query = query.where(column, '=', wanted);
    }
    const page = paginate(request, reply, forge.urls.root, await query.execute());
    return await Promise.all(page.map((deployment) => deploymentJson(forge, fullName, deployment)));
  });

  api.post('/repos/:owner/:repo/deployments', async (request, reply) => {
    const { repository, fullName, viewer } = await access(forge, request, 'write');
    const { ref, task, environment, description, payload } = parseInput(newDeployment, request.body, 'Deployment');
    const sha = await gitOf(forge, repository).resolve(ref);
    if (!sha) throw new ApiError(422, `No ref found for: ${ref}`);
    const row = {
      repositoryId: repository.id,
      ref,
      sha,
      task,
      environment,
      description,
      payload: JSON.stringify(payload ?? {}),
    };
    const deployment = await forge.database
      .insertInto('deployments')
      .values({ ...row, creatorId: viewer.id, createdAt: timestamp() })
      .returningAll()
      .executeTakeFirstOrThrow();
    return reply.code(201).send(await deploymentJson(forge, fullName, deployment));
  });

  api.get('/repos/:owner/:repo/deployments/:id', async (request) => {
    const { repository, fullName } = await access(forge, request, 'read');
    return await deploymentJson(forge, fullName, await findDeployment(forge, repository, request.params));
  });

  api.get('/repos/:owner/:repo/deployments/:id/statuses', async (request, reply) => {
    const { repository, fullName } = await access(forge, request, 'read');
    const deployment = await findDeployment(forge, repository, request.params);
    const statuses = await forge.database
      .selectFrom('deploymentStatuses')
      .selectAll()
      .where('deploymentId', '=', deployment.id)
      .orderBy('id', 'desc')
      .execute();
    const page = paginate(request, reply, forge.urls.root, statuses);
    return await Promise.all(page.map((status) => statusJson(forge, fullName, deployment, status)));
  });

  api.post('/repos/:owner/:repo/deployments/:id/statuses', async (request, reply) => {
    const { repository, fullName, viewer } = await access(forge, request, 'write');
    const deployment = await findDeployment(forge, repository, request.params);
    const body = parseInput(newStatus, request.body, 'DeploymentStatus');
    const { state, description, environment_url: environmentUrl } = body;
    const status = await forge.database
      .insertInto('deploymentStatuses')
      .values({
        deploymentId: deployment.id,
        state,
        description,
        logUrl: body.log_url || body.target_url,
        environmentUrl,
        creatorId: viewer.id,
        createdAt: timestamp(),
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return reply.code(201).send(await statusJson(forge, fullName, deployment, status));
  });
}

async function findDeployment(
  forge: ForgeContext,
  repository: Row<'repositories'>,
  params: unknown,
): Promise<Row<'deployments'>> {
  const { id } = deploymentPath.parse(params);
  const deployment = await forge.database
    .selectFrom('deployments')
    .selectAll()
    .where('id', '=', id)
    .where('repositoryId', '=', repository.id)
    .executeTakeFirst();
  if (!deployment) throw notFound();
  return deployment;
}

async function deploymentJson(
  forge: ForgeContext,
  fullName: string,
  deployment: Row<'deployments'>,
): Promise<GithubJson<'deployment'>> {
  const url = `${forge.urls.repository(fullName)}/deployments/${deployment.id}`;
  return {
    url,
    id: deployment.id,
    node_id: nodeId('Deployment', deployment.id),
    sha: deployment.sha,
    ref: deployment.ref,
    task: deployment.task,
    payload: JSON.parse(deployment.payload),
    original_environment: deployment.environment,
    environment: deployment.environment,
    description: deployment.description,
    creator: userJson(forge.urls, await userById(forge.database, deployment.creatorId)),
    created_at: deployment.createdAt,
    updated_at: deployment.createdAt,
    statuses_url: `${url}/statuses`,
    repository_url: forge.urls.repository(fullName),
  };
}

async function statusJson(
  forge: ForgeContext,
  fullName: string,
  deployment: Row<'deployments'>,
  status: Row<'deploymentStatuses'>,
) {
  const url = `${forge.urls.repository(fullName)}/deployments/${deployment.id}`;
  return {
    url: `${url}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId('DeploymentStatus', status.id),
    state: status.state,
    creator: userJson(forge.urls, await userById(forge.database, status.creatorId)),
    description: status.description,
    environment: deployment.environment,
    target_url: status.logUrl,
    log_url: status.logUrl,
    environment_url: status.environmentUrl,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    deployment_url: url,
    repository_url: forge.urls.repository(fullName),
  };
}
