import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { userById } from '../accounts.ts';
import { announceRefsInTurn } from '../announce-refs.ts';
import { invalid, notFound } from '../api-error.ts';
import { type Access, access } from '../authentication.ts';
import { type ForgeContext, gitOf, timestamp } from '../forge-context.ts';
import type { Row } from '../forge-tables.ts';
import type { GithubJson } from '../json/github-json.ts';
import { repositoryJson } from '../json/repository-json.ts';
import { userJson } from '../json/user-json.ts';
import { paginate } from '../pagination.ts';
import { pushPayload } from '../push-payload.ts';
import { parseInput } from '../request-input.ts';

const hookPath = z.object({ hook: z.coerce.number().int() });
const config = z.object({
  url: z.url({ protocol: /^https?$/ }),
  content_type: z.enum(['json', 'form']).default('form'),
  secret: z.string().optional(),
});
const newHook = z.object({
  config,
  events: z.array(z.string()).min(1).default(['push']),
  active: z.boolean().default(true),
});
const hookChange = z.object({
  config: config.partial().optional(),
  events: z.array(z.string()).min(1).optional(),
  add_events: z.array(z.string()).default([]),
  remove_events: z.array(z.string()).default([]),
  active: z.boolean().optional(),
});

/** Webhooks of a repository: who is told, of what, signed with which secret. */
export function hookRoutes(api: FastifyInstance, forge: ForgeContext): void {
  api.get('/repos/:owner/:repo/hooks', async (request, reply) => {
    const { repository, fullName } = await access(forge, request, 'admin');
    const hooks = await forge.database
      .selectFrom('hooks')
      .selectAll()
      .where('repositoryId', '=', repository.id)
      .orderBy('id')
      .execute();
    const page = paginate(request, reply, forge.urls.root, hooks);
    return await Promise.all(page.map((hook) => hookJson(forge, fullName, hook)));
  });

  api.post('/repos/:owner/:repo/hooks', async (request, reply) => {
    const granted = await access(forge, request, 'admin');
    const hook = await createHook(forge, granted, parseInput(newHook, request.body, 'Hook'));
    return reply.code(201).send(await hookJson(forge, granted.fullName, hook));
  });

  api.get('/repos/:owner/:repo/hooks/:hook', async (request) => {
    const { repository, fullName } = await access(forge, request, 'admin');
    return await hookJson(forge, fullName, await findHook(forge, repository, request.params));
  });

  api.patch('/repos/:owner/:repo/hooks/:hook', async (request) => {
    const { repository, fullName } = await access(forge, request, 'admin');
    const hook = changedHook(
      await findHook(forge, repository, request.params),
      parseInput(hookChange, request.body, 'Hook'),
    );
    await forge.database.updateTable('hooks').set(hook).where('id', '=', hook.id).execute();
    return await hookJson(forge, fullName, hook);
  });

  api.delete('/repos/:owner/:repo/hooks/:hook', async (request, reply) => {
    const { repository } = await access(forge, request, 'admin');
    const hook = await findHook(forge, repository, request.params);
    await forge.database.deleteFrom('deliveries').where('hookId', '=', hook.id).execute();
    await forge.database.deleteFrom('hooks').where('id', '=', hook.id).execute();
    return reply.code(204).send();
  });

  api.post('/repos/:owner/:repo/hooks/:hook/pings', async (request, reply) => {
    const granted = await access(forge, request, 'admin');
    await ping(forge, granted, await findHook(forge, granted.repository, request.params));
    return reply.code(204).send();
  });

  api.post('/repos/:owner/:repo/hooks/:hook/tests', async (request, reply) => {
    const granted = await access(forge, request, 'admin');
    await sendLatestPush(forge, granted, await findHook(forge, granted.repository, request.params));
    return reply.code(204).send();
  });
}

export async function findHook(
  forge: ForgeContext,
  repository: Row<'repositories'>,
  params: unknown,
): Promise<Row<'hooks'>> {
  const { hook: id } = hookPath.parse(params);
  const hook = await forge.database
    .selectFrom('hooks')
    .selectAll()
    .where('id', '=', id)
    .where('repositoryId', '=', repository.id)
    .executeTakeFirst();
  if (!hook) throw notFound();
  return hook;
}

async function createHook(forge: ForgeContext, access: Access, body: z.output<typeof newHook>): Promise<Row<'hooks'>> {
  const { repository } = access;
  const twin = await forge.database
    .selectFrom('hooks')
    .select('id')
    .where('repositoryId', '=', repository.id)
    .where('url', '=', body.config.url)
    .executeTakeFirst();
  if (twin) throw invalid('Hook', 'Hook already exists on this repository');
  // What happened before the hook was there is nothing to tell it.
  await announceRefsInTurn(forge, repository, access.viewer);
  const now = timestamp();
  const hook = await forge.database
    .insertInto('hooks')
    .values({
      repositoryId: repository.id,
      url: body.config.url,
      contentType: body.config.content_type,
      secret: body.config.secret ?? null,
      events: JSON.stringify(body.events),
      active: body.active ? 1 : 0,
      createdAt: now,
      updatedAt: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await ping(forge, access, hook);
  return hook;
}

function changedHook(hook: Row<'hooks'>, change: z.output<typeof hookChange>): Row<'hooks'> {
  const before = z.array(z.string()).parse(JSON.parse(hook.events));
  const added = new Set([...(change.events ?? before), ...change.add_events]);
  const events = [...added].filter((event) => !change.remove_events.includes(event));
  return {
    ...hook,
    url: change.config?.url ?? hook.url,
    contentType: change.config?.content_type ?? hook.contentType,
    secret: change.config?.secret ?? hook.secret,
    events: JSON.stringify(events),
    active: (change.active ?? hook.active === 1) ? 1 : 0,
    updatedAt: timestamp(),
  };
}

async function ping(forge: ForgeContext, { repository, viewer, fullName }: Access, hook: Row<'hooks'>): Promise<void> {
  const owner = await userById(forge.database, repository.ownerId);
  await forge.outbox.addFor(forge.database, hook.id, {
    event: 'ping',
    payload: {
      zen: 'Keep it logically awesome.',
      hook_id: hook.id,
      hook: await hookJson(forge, fullName, hook),
      repository: repositoryJson(forge.urls, repository, owner),
      sender: userJson(forge.urls, viewer),
    },
  });
  forge.outbox.wake();
}

async function sendLatestPush(forge: ForgeContext, { repository, viewer }: Access, hook: Row<'hooks'>): Promise<void> {
  const git = gitOf(forge, repository);
  const after = await git.branch(repository.defaultBranch);
  if (after === undefined) throw notFound();
  const before = (await git.commit(after)).parents[0] ?? '0'.repeat(40);
  const owner = await userById(forge.database, repository.ownerId);
  const move = { ref: `refs/heads/${repository.defaultBranch}`, before, after };
  const payload = await pushPayload(forge.urls, git, { ...move, repository, owner, sender: viewer });
  await forge.outbox.addFor(forge.database, hook.id, { event: 'push', payload });
  forge.outbox.wake();
}

async function hookJson(forge: ForgeContext, fullName: string, hook: Row<'hooks'>): Promise<GithubJson<'hook'>> {
  const url = `${forge.urls.repository(fullName)}/hooks/${hook.id}`;
  const last = await forge.database
    .selectFrom('deliveries')
    .select(['statusCode', 'status'])
    .where('hookId', '=', hook.id)
    .where('deliveredAt', 'is not', null)
    .orderBy('deliveredAt', 'desc')
    .executeTakeFirst();
  return {
    type: 'Repository',
    id: hook.id,
    name: 'web',
    active: hook.active === 1,
    events: z.array(z.string()).parse(JSON.parse(hook.events)),
    config: {
      url: hook.url,
      content_type: hook.contentType,
      insecure_ssl: '0',
      ...(hook.secret ? { secret: '********' } : {}),
    },
    created_at: hook.createdAt,
    updated_at: hook.updatedAt,
    url,
    test_url: `${url}/test`,
    ping_url: `${url}/pings`,
    deliveries_url: `${url}/deliveries`,
    last_response: {
      code: last?.statusCode ?? null,
      status: last ? 'active' : 'unused',
      message: last?.status ?? null,
    },
  };
}
