import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { userById } from '../accounts.ts';
import { ApiError, notFound } from '../api-error.ts';
import { type Access, access } from '../authentication.ts';
import { type ForgeContext, timestamp } from '../forge-context.ts';
import type { Row } from '../forge-tables.ts';
import type { GithubJson } from '../json/github-json.ts';
import { issueJson } from '../json/issue-json.ts';
import { nodeId } from '../json/node-id.ts';
import { repositoryJson } from '../json/repository-json.ts';
import { userJson } from '../json/user-json.ts';
import { paginate } from '../pagination.ts';
import { findPull, pullRecord } from '../pull-records.ts';
import { parseInput } from '../request-input.ts';
import { numberPath } from './pulls.ts';

const commentPath = z.object({ id: z.coerce.number().int() });
const commentBody = z.object({ body: z.string().min(1).max(65_536, 'Body is too long (maximum is 65536 characters)') });
const sinceQuery = z.object({ since: z.string().optional() });

/** The conversation of a pull request; for GitHub, too, it is an issue there. */
export function commentRoutes(api: FastifyInstance, forge: ForgeContext): void {
  api.get('/repos/:owner/:repo/issues/:number', async (request) => {
    const { repository } = await access(forge, request, 'read');
    const pull = await findPull(forge.database, repository, numberPath.parse(request.params).number);
    return issueJson(forge.urls, await pullRecord(forge.database, repository, pull));
  });

  api.get('/repos/:owner/:repo/issues/:number/comments', async (request, reply) => {
    const { repository, fullName } = await access(forge, request, 'read');
    const { number } = await findPull(forge.database, repository, numberPath.parse(request.params).number);
    const { since } = parseInput(sinceQuery, request.query, 'IssueComment');
    let comments = forge.database
      .selectFrom('comments')
      .selectAll()
      .where('repositoryId', '=', repository.id)
      .where('number', '=', number)
      .orderBy('id');
    if (since !== undefined) comments = comments.where('updatedAt', '>=', since);
    const page = paginate(request, reply, forge.urls.root, await comments.execute());
    return await Promise.all(page.map((comment) => commentJson(forge, fullName, comment)));
  });

  api.post('/repos/:owner/:repo/issues/:number/comments', async (request, reply) => {
    const granted = await access(forge, request, 'read');
    const pull = await findPull(forge.database, granted.repository, numberPath.parse(request.params).number);
    const { body } = parseInput(commentBody, request.body, 'IssueComment');
    return reply.code(201).send(await storeComment(forge, granted, pull, body));
  });

  api.get('/repos/:owner/:repo/issues/comments/:id', async (request) => {
    const { repository, fullName } = await access(forge, request, 'read');
    return await commentJson(forge, fullName, await findComment(forge, repository, request.params));
  });

  api.patch('/repos/:owner/:repo/issues/comments/:id', async (request) => {
    const granted = await access(forge, request, 'read');
    const { body } = parseInput(commentBody, request.body, 'IssueComment');
    const comment = await findComment(forge, granted.repository, request.params);
    refuseStranger(granted, comment);
    const change = { body, updatedAt: timestamp() };
    await forge.database.updateTable('comments').set(change).where('id', '=', comment.id).execute();
    return await commentJson(forge, granted.fullName, { ...comment, ...change });
  });

  api.delete('/repos/:owner/:repo/issues/comments/:id', async (request, reply) => {
    const granted = await access(forge, request, 'read');
    const comment = await findComment(forge, granted.repository, request.params);
    refuseStranger(granted, comment);
    await forge.database.deleteFrom('comments').where('id', '=', comment.id).execute();
    return reply.code(204).send();
  });
}

async function findComment(
  forge: ForgeContext,
  repository: Row<'repositories'>,
  params: unknown,
): Promise<Row<'comments'>> {
  const { id } = commentPath.parse(params);
  const comment = await forge.database
    .selectFrom('comments')
    .selectAll()
    .where('id', '=', id)
    .where('repositoryId', '=', repository.id)
    .executeTakeFirst();
  if (!comment) throw notFound();
  return comment;
}

function refuseStranger({ viewer, permission }: Access, comment: Row<'comments'>): void {
  if (comment.authorId !== viewer.id && permission !== 'admin' && permission !== 'write') {
    throw new ApiError(403, 'Must be the author of the comment, or have push access to repository');
  }
}

async function storeComment(
  forge: ForgeContext,
  { repository, viewer, fullName }: Access,
  pull: Row<'pulls'>,
  body: string,
) {
  const now = timestamp();
  const json = await forge.database.transaction().execute(async (transaction) => {
    const comment = await transaction
      .insertInto('comments')
      .values({
        repositoryId: repository.id,
        number: pull.number,
        authorId: viewer.id,
        body,
        createdAt: now,
        updatedAt: now,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    const record = await pullRecord(transaction, repository, pull);
    const described = describe(forge, fullName, comment, viewer);
    await forge.outbox.add(transaction, repository.id, {
      event: 'issue_comment',
      action: 'created',
      payload: {
        action: 'created',
        issue: issueJson(forge.urls, record),
        comment: described,
        repository: repositoryJson(forge.urls, repository, record.owner),
        sender: userJson(forge.urls, viewer),
      },
    });
    return described;
  });
  forge.outbox.wake();
  return json;
}

async function commentJson(
  forge: ForgeContext,
  fullName: string,
  comment: Row<'comments'>,
): Promise<GithubJson<'issue-comment'>> {
  return describe(forge, fullName, comment, await userById(forge.database, comment.authorId));
}

function describe(
  forge: ForgeContext,
  fullName: string,
  comment: Row<'comments'>,
  author: Row<'users'>,
): GithubJson<'issue-comment'> {
  return {
    id: comment.id,
    node_id: nodeId('IssueComment', comment.id),
    url: `${forge.urls.repository(fullName)}/issues/comments/${comment.id}`,
    html_url: `${forge.urls.page(fullName, 'pull', comment.number)}#issuecomment-${comment.id}`,
    issue_url: forge.urls.issue(fullName, comment.number),
    body: comment.body,
    user: userJson(forge.urls, author),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: 'MEMBER',
  };
}
