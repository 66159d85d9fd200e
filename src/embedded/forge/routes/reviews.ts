import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { userById } from '../accounts.ts';
import { ApiError, invalid } from '../api-error.ts';
import { access } from '../authentication.ts';
import { type ForgeContext, timestamp } from '../forge-context.ts';
import type { Row } from '../forge-tables.ts';
import type { GithubJson } from '../json/github-json.ts';
import { nodeId } from '../json/node-id.ts';
import { userJson } from '../json/user-json.ts';
import { paginate } from '../pagination.ts';
import { findPull } from '../pull-records.ts';
import { parseInput } from '../request-input.ts';
import { numberPath } from './pulls.ts';

const newReview = z.object({
  body: z.string().max(65_536).default(''),
  event: z.enum(['APPROVE', 'REQUEST_CHANGES', 'COMMENT']),
  commit_id: z.string().optional(),
});
const STATES = { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'COMMENTED' } as const;

/** Reviews of a pull request; pending ones and remarks on single lines are left out. */
export function reviewRoutes(api: FastifyInstance, forge: ForgeContext): void {
  api.get('/repos/:owner/:repo/pulls/:number/reviews', async (request, reply) => {
    const { repository, fullName } = await access(forge, request, 'read');
    const pull = await findPull(forge.database, repository, numberPath.parse(request.params).number);
    const reviews = await forge.database
      .selectFrom('reviews')
      .selectAll()
      .where('pullId', '=', pull.id)
      .orderBy('id')
      .execute();
    const page = paginate(request, reply, forge.urls.root, reviews);
    return await Promise.all(page.map((review) => reviewJson(forge, fullName, pull, review)));
  });

  api.post('/repos/:owner/:repo/pulls/:number/reviews', async (request) => {
    const { repository, fullName, viewer, permission } = await access(forge, request, 'read');
    const pull = await findPull(forge.database, repository, numberPath.parse(request.params).number);
    const {
      event,
      body,
      commit_id: commitSha = pull.headSha,
    } = parseInput(newReview, request.body, 'PullRequestReview');
    if (event !== 'COMMENT' && viewer.id === pull.authorId) {
      throw invalid(
        'PullRequestReview',
        `Can not ${event === 'APPROVE' ? 'approve' : 'request changes on'} your own pull request`,
      );
    }
    // GitHub lets readers approve, too, but doesn't count it; the forge counts all that it stores.
    if (event !== 'COMMENT' && permission === 'read') throw new ApiError(403, 'Must have push access to repository');
    const review = await forge.database
      .insertInto('reviews')
      .values({ pullId: pull.id, authorId: viewer.id, body, state: STATES[event], commitSha, createdAt: timestamp() })
      .returningAll()
      .executeTakeFirstOrThrow();
    return await reviewJson(forge, fullName, pull, review);
  });
}

async function reviewJson(
  forge: ForgeContext,
  fullName: string,
  pull: Row<'pulls'>,
  review: Row<'reviews'>,
): Promise<GithubJson<'pull-request-review'>> {
  return {
    id: review.id,
    node_id: nodeId('PullRequestReview', review.id),
    user: userJson(forge.urls, await userById(forge.database, review.authorId)),
    body: review.body,
    state: review.state,
    html_url: `${forge.urls.page(fullName, 'pull', pull.number)}#review-${review.id}`,
    pull_request_url: forge.urls.pull(fullName, pull.number),
    submitted_at: review.createdAt,
    commit_id: review.commitSha,
    author_association: 'MEMBER',
  };
}
