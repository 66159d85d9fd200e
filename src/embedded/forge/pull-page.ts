import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { notFound } from './api-error.ts';
import { access, findRepository } from './authentication.ts';
import type { ForgeContext } from './forge-context.ts';
import type { Row } from './forge-tables.ts';
import { fullNameOf } from './json/repository-json.ts';
import { findPull, pullRecord } from './pull-records.ts';

const pagePath = z.object({ owner: z.string(), repo: z.string(), number: z.coerce.number().int() });

export interface PullPageOptions {
  forge: ForgeContext;
  /** `open` asks for no token: for a forge that only this machine can reach. */
  readers: 'open' | 'authenticated';
}

/** The page behind a pull request's link: how it stands, its checks and its comments. */
export async function pullPage(server: FastifyInstance, { forge, readers }: PullPageOptions): Promise<void> {
  server.get('/:owner/:repo/pull/:number', async (request, reply) => {
    const { owner, repo, number } = pagePath.parse(request.params);
    const repository =
      readers === 'open' ? await findRepository(forge, owner, repo) : (await access(forge, request, 'read')).repository;
    if (!repository) throw notFound();
    const pull = await findPull(forge.database, repository, number);
    reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    return reply.type('text/html; charset=utf-8').send(await render(forge, repository, pull));
  });
}

async function render(forge: ForgeContext, repository: Row<'repositories'>, pull: Row<'pulls'>): Promise<string> {
  const record = await pullRecord(forge.database, repository, pull);
  const state = pull.mergedAt === null ? pull.state : 'merged';
  const title = `${pull.title} #${pull.number}`;
  const checks = await checkLines(forge, pull);
  const comments = await forge.database
    .selectFrom('comments')
    .innerJoin('users', 'users.id', 'comments.authorId')
    .select(['comments.body', 'comments.updatedAt', 'users.login'])
    .where('repositoryId', '=', repository.id)
    .where('number', '=', pull.number)
    .orderBy('comments.id')
    .execute();
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title>
<style>body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}pre{white-space:pre-wrap;border:1px solid #ccc;padding:1rem}</style>
<h1>${escapeHtml(title)}</h1>
<p><strong>${state}</strong> · ${escapeHtml(record.author.login)} wants <code>${escapeHtml(pull.headRef)}</code> in <code>${escapeHtml(pull.baseRef)}</code> of ${escapeHtml(fullNameOf(repository))} · ${pull.headSha.slice(0, 12)}</p>
${pull.body ? `<pre>${escapeHtml(pull.body)}</pre>` : ''}
<h2>Checks</h2>
${checks.length > 0 ? `<ul>${checks.join('')}</ul>` : '<p>None yet.</p>'}
<h2>Comments</h2>
${comments.map((comment) => `<p>${escapeHtml(comment.login)} · ${comment.updatedAt}</p><pre>${escapeHtml(comment.body)}</pre>`).join('\n')}
</html>
`;
}

async function checkLines(forge: ForgeContext, pull: Row<'pulls'>): Promise<string[]> {
  const ofHead = { repositoryId: pull.repositoryId, sha: pull.headSha };
  const select = (table: 'statuses' | 'checkRuns') =>
    forge.database
      .selectFrom(table)
      .where('repositoryId', '=', ofHead.repositoryId)
      .where('sha', '=', ofHead.sha)
      .orderBy('id');
  const statuses = await select('statuses')
    .select(['statuses.context', 'statuses.state', 'statuses.description', 'statuses.targetUrl'])
    .execute();
  const checks = await select('checkRuns')
    .select(['checkRuns.name', 'checkRuns.status', 'checkRuns.conclusion', 'checkRuns.title', 'checkRuns.detailsUrl'])
    .execute();
  const lines = [
    ...statuses.map((status) => ({
      name: status.context,
      state: status.state,
      text: status.description,
      url: status.targetUrl,
    })),
    ...checks.map((check) => ({
      name: check.name,
      state: check.conclusion ?? check.status,
      text: check.title,
      url: check.detailsUrl,
    })),
  ];
  // The last report of a name is the one that counts.
  return [...new Map(lines.map((line) => [line.name, line])).values()].map(({ name, state, text, url }) => {
    const label =
      url && /^https?:/.test(url) ? `<a href="${escapeHtml(url)}">${escapeHtml(name)}</a>` : escapeHtml(name);
    return `<li>${label}: <strong>${escapeHtml(state)}</strong> ${escapeHtml(text ?? '')}</li>`;
  });
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
