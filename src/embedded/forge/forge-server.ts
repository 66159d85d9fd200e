import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { isLoopback } from '../../http/loopback.ts';
import { requireOwnHost } from '../../http/own-hosts.ts';
import { limitConnections, type TimeLimits, usualTimeLimits, withTimeLimits } from '../../http/time-limits.ts';
import { ApiError, toApiError } from './api-error.ts';
import type { ForgeContext } from './forge-context.ts';
import { gitHttp } from './git-http.ts';
import { pullPage } from './pull-page.ts';
import { restApi } from './rest-api.ts';

export interface ForgeServerOptions {
  /** Folder of the git hooks. */
  hooks: string;
  /** Where it is going to listen. */
  host: string;
  timeLimits: TimeLimits | undefined;
}

/** The REST API's; what git sends is streamed. */
const bodyLimit = 1024 * 1024;
/** A push may come over a slow line. */
const forgeTimeLimits: TimeLimits = { ...usualTimeLimits, request: 600_000 };
const headers = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY' };

/** The forge's doors: REST, git and pages; the caller listens and closes. */
export function createForgeServer(
  forge: ForgeContext,
  { hooks, host, timeLimits = forgeTimeLimits }: ForgeServerOptions,
): FastifyInstance {
  const logger: FastifyBaseLogger = forge.log;
  const server = fastify({
    ...withTimeLimits(timeLimits),
    loggerInstance: logger,
    // It is asked every few seconds, and what it refuses it says to whoever asked.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    routerOptions: { maxParamLength: 1000 },
    forceCloseConnections: true,
  });
  limitConnections(server);
  server.decorateRequest('forgeViewer', undefined);
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(headers);
    if (request.url.includes('%00')) throw new ApiError(400, 'The path has the character NUL.');
  });
  requireOwnHost(server, undefined, (reply, name) =>
    reply.code(421).type('text/plain').send(`This forge is not ${name}: it answers to localhost and 127.0.0.1.\n`),
  );
  server.register(restApi, { forge, prefix: '/api/v3' });
  server.register(gitHttp, { forge, hooks });
  server.register(pullPage, { forge, readers: isLoopback(host) ? 'open' : 'authenticated' });
  server.setErrorHandler((error, request, reply) => {
    const refusal = toApiError(error);
    if (refusal.status >= 500) request.log.error({ err: error }, 'a request to the forge failed');
    // Makes git and browsers ask for a token.
    if (refusal.status === 401) reply.header('www-authenticate', 'Basic realm="Fairway"');
    return reply.code(refusal.status).headers(refusal.headers).type('text/plain').send(`${refusal.message}\n`);
  });
  return server;
}
