import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { access } from '../authentication.ts';
import { type ForgeContext, gitOf } from '../forge-context.ts';
import type { Row } from '../forge-tables.ts';
import { changedFiles } from '../git-diff.ts';
import { commitJson, fileJson } from '../json/commit-json.ts';
import { pullJson, pullSummaryJson } from '../json/pull-json.ts';
import { openPull } from '../open-pull.ts';
import { paginate } from '../pagination.ts';
import { findPull, pullRecord, pullState } from '../pull-records.ts';
import { parseInput } from '../request-input.ts';
import { updatePull } from '../update-pull.ts';

export const numberPath = z.object({ number: z.coerce.number().int() });

const listQuery = z.object({
  state: z.enum(['open', 'closed', 'all']).default('open'),
  head: z.string().optional(),
  base: z.string().optional(),
  sort: z.enum(['created', 'updated', 'popularity', 'long-running']).default('created'),
  direction: z.enum(['asc', 'desc']).default('desc'),
});
const newPull = z.object({
  title: z.string().min(1).max(256),
  body: z.string().max(65_536).nullable().default(null),
  head: z.string().min(1),
  base: z.string().min(1),
  draft: z.boolean().default(false),
});
const pullChange = z.object({
  title: z.string().min(1).max(256).optional(),
  body: z.string().max(65_536).nullable().optional(),
  base: z.string().min(1).optional(),
  state: z.enum(['open', 'closed']).optional(),
});

/** Pull requests: list, get, open, change, and what they contain. */
export function pullRoutes(api: FastifyInstance, forge: ForgeContext): void {
  const details = async (repository: Row<'repositories'>, pull: Row<'pulls'>) =>
    pullJson(forge.urls, await pullRecord(forge.database, repository, pull), await pullState(forge, repository, pull));

  api.get('/repos/:owner/:repo/pulls', async (request, reply) => {
    const { repository } = await access(forge, request, 'read');
    const pulls = await listPulls(forge, repository, parseInput(listQuery, request.query, 'PullRequest'));
    const page = paginate(request, reply, forge.urls.root, pulls);
    return await Promise.all(
      page.map(async (pull) => pullSummaryJson(forge.urls, await pullRecord(forge.database, repository, pull))),
    );
  });

  api.post('/repos/:owner/:repo/pulls', async (request, reply) => {
    const granted = await access(forge, request, 'write');
    const pull = await openPull(forge, granted, parseInput(newPull, request.body, 'PullRequest'));
    return reply.code(201).send(await details(granted.repository, pull));
  });

  api.get('/repos/:owner/:repo/pulls/:number', async (request) => {
    const { repository } = await access(forge, request, 'read');
    return await details(
      repository,
      await findPull(forge.database, repository, numberPath.parse(request.params).number),
    );
  });

  api.patch('/repos/:owner/:repo/pulls/:number', async (request) => {
    const granted = await access(forge, request, 'write');
    const change = parseInput(pullChange, request.body, 'PullRequest');
    return await details(
      granted.repository,
      await updatePull(forge, granted, numberPath.parse(request.params).number, change),
    );
  });

  api.get('/repos/:owner/:repo/pulls/:number/files', async (request, reply) => {
    const { repository, fullName } = await access(forge, request, 'read');
    const pull = await findPull(forge.database, repository, numberPath.parse(request.params).number);
    const git = gitOf(forge, repository);
    const from = (await git.mergeBase(pull.baseSha, pull.headSha)) ?? pull.baseSha;
    const files = await changedFiles(git, from, pull.headSha);
    return paginate(request, reply, forge.urls.root, files).map((file) =>
      fileJson(forge.urls, fullName, pull.headSha, file),
    );
  });

  api.get('/repos/:owner/:repo/pulls/:number/commits', async (request, reply) => {
    const { repository, fullName } = await access(forge, request, 'read');
    const pull = await findPull(forge.database, repository, numberPath.parse(request.params).number);
    const commits = await gitOf(forge, repository).log(`${pull.baseSha}..${pull.headSha}`, ['--reverse']);
    return paginate(request, reply, forge.urls.root, commits).map((commit) => commitJson(forge.urls, fullName, commit));
  });
}

async function listPulls(
  forge: ForgeContext,
  repository: Row<'repositories'>,
  query: z.output<typeof listQuery>,
): Promise<Row<'pulls'>[]> {
  let pulls = forge.database
    .selectFrom('pulls')
    .selectAll()
    .where('repositoryId', '=', repository.id)
    .orderBy(query.sort === 'updated' ? 'updatedAt' : 'number', query.direction);
  if (query.state !== 'all') pulls = pulls.where('state', '=', query.state);
  if (query.base !== undefined) pulls = pulls.where('baseRef', '=', query.base);
  // GitHub filters by `owner:branch` and takes anything else for no filter at all.
  const branch = query.head?.split(':', 2)[1];
  if (branch !== undefined) pulls = pulls.where('headRef', '=', branch);
  return await pulls.execute();
}
