import type { FastifyInstance } from 'fastify';
import { ApiError, toApiError } from './api-error.ts';
import { authenticate } from './authentication.ts';
import type { ForgeContext } from './forge-context.ts';
import { branchRoutes } from './routes/branches.ts';
import { checkRunRoutes } from './routes/check-runs.ts';
import { collaboratorRoutes } from './routes/collaborators.ts';
import { commentRoutes } from './routes/comments.ts';
import { commitRoutes } from './routes/commits.ts';
import { contentRoutes } from './routes/contents.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { deploymentRoutes } from './routes/deployments.ts';
import { hookRoutes } from './routes/hooks.ts';
import { labelRoutes } from './routes/labels.ts';
import { mergeRoutes } from './routes/merges.ts';
import { protectionRoutes } from './routes/protection.ts';
import { pullRoutes } from './routes/pulls.ts';
import { refRoutes } from './routes/refs.ts';
import { repositoryRoutes } from './routes/repositories.ts';
import { reviewRoutes } from './routes/reviews.ts';
import { statusRoutes } from './routes/statuses.ts';
import { userRoutes } from './routes/users.ts';

const ROUTES = [
  branchRoutes,
  checkRunRoutes,
  collaboratorRoutes,
  commentRoutes,
  commitRoutes,
  contentRoutes,
  deliveryRoutes,
  deploymentRoutes,
  hookRoutes,
  labelRoutes,
  mergeRoutes,
  protectionRoutes,
  pullRoutes,
  refRoutes,
  repositoryRoutes,
  reviewRoutes,
  statusRoutes,
  userRoutes,
];

/** GitHub's REST API, as far as the forge has it; what is lacking answers 501 and says so. */
export async function restApi(api: FastifyInstance, { forge }: { forge: ForgeContext }): Promise<void> {
  // Before the body is read: strangers get no memory.
  api.addHook('onRequest', async (request) => void (await authenticate(forge, request)));
  api.removeAllContentTypeParsers();
  // GitHub takes a body for JSON, whatever its content type says.
  api.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => parseJson(body.toString(), done));
  api.setErrorHandler((error, request, reply) => {
    const refusal = toApiError(error);
    if (refusal.status >= 500) request.log.error({ err: error }, 'a request to the forge failed');
    const { status, message, errors, headers } = refusal;
    return reply
      .code(status)
      .headers(headers)
      .send({
        message,
        ...(errors.length > 0 ? { errors } : {}),
        documentation_url: 'https://docs.github.com/rest',
        status: String(status),
      });
  });
  api.all('/*', (request) => {
    throw new ApiError(
      501,
      `The embedded forge does not have ${request.method} ${request.url.split('?')[0]}; use GitHub for it.`,
    );
  });
  for (const routes of ROUTES) routes(api, forge);
}

function parseJson(body: string, done: (error: Error | null, body?: unknown) => void): void {
  try {
    done(null, body === '' ? {} : JSON.parse(body));
  } catch {
    done(new ApiError(400, 'Problems parsing JSON'));
  }
}
