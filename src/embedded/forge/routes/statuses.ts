import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { userById } from '../accounts.ts';
import { ApiError, notFound } from '../api-error.ts';
import { type Access, access } from '../authentication.ts';
import { type ForgeContext, gitOf, timestamp } from '../forge-context.ts';
import type { Row } from '../forge-tables.ts';
import { commitJson } from '../json/commit-json.ts';
import type { GithubJson } from '../json/github-json.ts';
import { nodeId } from '../json/node-id.ts';
import { repositoryJson } from '../json/repository-json.ts';
import { userJson } from '../json/user-json.ts';
import { paginate } from '../pagination.ts';
import { parseInput } from '../request-input.ts';

export const refPath = z.object({ ref: z.string() });
const shaPath = z.object({ sha: z.string() });

const newStatus = z.object({
  state: z.enum(['pending', 'success', 'failure', 'error']),
  target_url: z.string().nullable().default(null),
  description: z.string().max(140, 'description is too long (maximum is 140 characters)').nullable().default(null),
  context: z.string().min(1).default('default'),
});

/** Commit statuses: set, list, and the combined state. */
export function statusRoutes(api: FastifyInstance, forge: ForgeContext): void {
  api.post('/repos/:owner/:repo/statuses/:sha', async (request, reply) => {
    const granted = await access(forge, request, 'write');
    const { sha } = shaPath.parse(request.params);
    const body = parseInput(newStatus, request.body, 'Status');
    if (!/^[0-9a-f]{40}$/.test(sha) || !(await gitOf(forge, granted.repository).resolve(sha))) {
      throw new ApiError(422, `No commit found for SHA: ${sha}`);
    }
    return reply.code(201).send(await storeStatus(forge, granted, sha, body));
  });

  const list = async (access: Access, ref: string) => {
    const sha = await gitOf(forge, access.repository).resolve(ref);
    if (!sha) throw notFound();
    const statuses = await forge.database
      .selectFrom('statuses')
      .selectAll()
      .where('repositoryId', '=', access.repository.id)
      .where('sha', '=', sha)
      .orderBy('id', 'desc')
      .execute();
    return { sha, statuses };
  };

  for (const path of ['/repos/:owner/:repo/commits/:ref/statuses', '/repos/:owner/:repo/statuses/:ref']) {
    api.get(path, async (request, reply) => {
      const granted = await access(forge, request, 'read');
      const { statuses } = await list(granted, refPath.parse(request.params).ref);
      const page = paginate(request, reply, forge.urls.root, statuses);
      return await Promise.all(page.map((status) => statusJson(forge, granted.fullName, status)));
    });
  }

  api.get('/repos/:owner/:repo/commits/:ref/status', async (request, reply) => {
    const granted = await access(forge, request, 'read');
    const { sha, statuses } = await list(granted, refPath.parse(request.params).ref);
    const latest = latestByContext(statuses);
    const page = paginate(request, reply, forge.urls.root, latest);
    return {
      state: combinedState(latest),
      statuses: await Promise.all(page.map((status) => statusJson(forge, granted.fullName, status))),
      sha,
      total_count: latest.length,
      repository: repositoryJson(
        forge.urls,
        granted.repository,
        await userById(forge.database, granted.repository.ownerId),
      ),
      commit_url: forge.urls.commit(granted.fullName, sha),
      url: `${forge.urls.commit(granted.fullName, sha)}/status`,
    };
  });
}

/** `statuses` newest first. */
function latestByContext(statuses: Row<'statuses'>[]): Row<'statuses'>[] {
  const latest = new Map<string, Row<'statuses'>>();
  for (const status of statuses) if (!latest.has(status.context)) latest.set(status.context, status);
  return [...latest.values()];
}

function combinedState(latest: Row<'statuses'>[]): 'success' | 'pending' | 'failure' {
  if (latest.some(({ state }) => state === 'failure' || state === 'error')) return 'failure';
  return latest.length === 0 || latest.some(({ state }) => state === 'pending') ? 'pending' : 'success';
}

async function storeStatus(
  forge: ForgeContext,
  { repository, viewer, fullName }: Access,
  sha: string,
  body: z.output<typeof newStatus>,
) {
  const commit = await gitOf(forge, repository).commit(sha);
  const owner = await userById(forge.database, repository.ownerId);
  const { state, context, description, target_url: targetUrl } = body;
  const json = await forge.database.transaction().execute(async (transaction) => {
    const status = await transaction
      .insertInto('statuses')
      .values({
        repositoryId: repository.id,
        sha,
        context,
        state,
        description,
        targetUrl,
        creatorId: viewer.id,
        createdAt: timestamp(),
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    const fields = {
      id: status.id,
      sha,
      name: fullName,
      context,
      description,
      state,
      target_url: targetUrl,
      avatar_url: '',
    };
    await forge.outbox.add(transaction, repository.id, {
      event: 'status',
      payload: {
        ...fields,
        commit: commitJson(forge.urls, fullName, commit),
        branches: [],
        created_at: status.createdAt,
        updated_at: status.createdAt,
        repository: repositoryJson(forge.urls, repository, owner),
        sender: userJson(forge.urls, viewer),
      },
    });
    return describe(forge, fullName, status, viewer);
  });
  forge.outbox.wake();
  return json;
}

async function statusJson(
  forge: ForgeContext,
  fullName: string,
  status: Row<'statuses'>,
): Promise<GithubJson<'status'>> {
  return describe(forge, fullName, status, await userById(forge.database, status.creatorId));
}

function describe(
  forge: ForgeContext,
  fullName: string,
  status: Row<'statuses'>,
  creator: Row<'users'>,
): GithubJson<'status'> {
  return {
    url: `${forge.urls.repository(fullName)}/statuses/${status.sha}`,
    avatar_url: '',
    id: status.id,
    node_id: nodeId('Status', status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    creator: userJson(forge.urls, creator),
  };
}
