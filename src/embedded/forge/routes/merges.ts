import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { notFound } from '../api-error.ts';
import { access } from '../authentication.ts';
import type { ForgeContext } from '../forge-context.ts';
import { mergePull } from '../merge-pull.ts';
import { findPull } from '../pull-records.ts';
import { parseInput } from '../request-input.ts';
import { numberPath } from './pulls.ts';

const mergeBody = z.object({
  commit_title: z.string().optional(),
  commit_message: z.string().optional(),
  sha: z.string().optional(),
  merge_method: z.enum(['merge', 'squash', 'rebase']).default('merge'),
});

/** Merging a pull request, and whether it has been. */
export function mergeRoutes(api: FastifyInstance, forge: ForgeContext): void {
  api.put('/repos/:owner/:repo/pulls/:number/merge', async (request) => {
    const granted = await access(forge, request, 'write');
    const {
      commit_title: title,
      commit_message: message,
      sha,
      merge_method: method,
    } = parseInput(mergeBody, request.body, 'PullRequest');
    const { number } = numberPath.parse(request.params);
    const merged = await mergePull(forge, granted, { number, method, sha, title, message });
    return { sha: merged, merged: true, message: 'Pull Request successfully merged' };
  });

  api.get('/repos/:owner/:repo/pulls/:number/merge', async (request, reply) => {
    const { repository } = await access(forge, request, 'read');
    const pull = await findPull(forge.database, repository, numberPath.parse(request.params).number);
    if (pull.mergedAt === null) throw notFound();
    return reply.code(204).send();
  });
}
