import type { FastifyInstance } from 'fastify';
import { ApiError } from '../api-error.ts';
import { access } from '../authentication.ts';
import { type ForgeContext, gitOf } from '../forge-context.ts';
import { commitJson } from '../json/commit-json.ts';
import { paginate } from '../pagination.ts';
import { protectionOf } from '../protection.ts';
import { branchPath } from './protection.ts';

/** Branches: list and get. */
export function branchRoutes(api: FastifyInstance, forge: ForgeContext): void {
  api.get('/repos/:owner/:repo/branches', async (request, reply) => {
    const { repository, fullName } = await access(forge, request, 'read');
    const refs = await gitOf(forge, repository).refs('refs/heads');
    const page = paginate(request, reply, forge.urls.root, [...refs]);
    return await Promise.all(
      page.map(async ([ref, sha]) => {
        const name = ref.slice('refs/heads/'.length);
        const isProtected = (await protectionOf(forge.database, repository.id, name)) !== undefined;
        return { name, commit: { sha, url: forge.urls.commit(fullName, sha) }, protected: isProtected };
      }),
    );
  });

  api.get('/repos/:owner/:repo/branches/:branch', async (request) => {
    const { repository, fullName } = await access(forge, request, 'read');
    const { branch } = branchPath.parse(request.params);
    const git = gitOf(forge, repository);
    const sha = await git.branch(branch);
    if (sha === undefined) throw new ApiError(404, 'Branch not found');
    const url = `${forge.urls.repository(fullName)}/branches/${encodeURIComponent(branch)}`;
    return {
      name: branch,
      commit: commitJson(forge.urls, fullName, await git.commit(sha)),
      protected: (await protectionOf(forge.database, repository.id, branch)) !== undefined,
      protection_url: `${url}/protection`,
      _links: { self: url, html: forge.urls.page(fullName, 'tree', branch) },
    };
  });
}
