import fastifySwagger from '@fastify/swagger';
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyPluginAsync, LogController } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { problem, problemMediaType } from '../domain/problem.ts';
import type { Artifacts } from '../ports/artifacts.ts';
import type { Authenticate } from '../ports/authentication.ts';
import type { Commands } from '../ports/commands.ts';
import type { Dispatcher } from '../ports/dispatcher.ts';
import type { Store } from '../ports/store.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { App } from './app.ts';
import { artifactRoutes } from './artifact-routes.ts';
import { requireIdentity } from './authentication.ts';
import { channelRoutes } from './channel-routes.ts';
import { answerErrors } from './errors.ts';
import { healthRoutes } from './health-routes.ts';
import { historyRoutes } from './history-routes.ts';
import { pages } from './pages.ts';
import { registryRoutes } from './registry-routes.ts';
import { runRoutes } from './run-routes.ts';
import { toOpenApi, useZod } from './schemas.ts';
import { sessionRoutes } from './session-routes.ts';

export interface ServerOptions {
  store: Store;
  artifacts: Artifacts;
  dispatcher: Dispatcher;
  authenticate: Authenticate;
  commands: Commands;
  metrics: Metrics;
  /** Where the built pages are; undefined for a server without pages. */
  uiDirectory: string | undefined;
  /** More doors, e.g. the webhook receiver. */
  plugins: FastifyPluginAsync[];
  log: Logger;
}

/** The HTTP server; the caller listens and closes. */
export function createServer(options: ServerOptions): FastifyInstance {
  const logger: FastifyBaseLogger = options.log;
  const server = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    // Ids in paths come from the forge and the registry.
    routerOptions: { maxParamLength: 1_000 },
  });
  const app: App = server.withTypeProvider();
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());
  useZod(app);
  answerErrors(app);
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .type(problemMediaType)
      .send(problem(404, `there is no ${request.method} ${request.url.split('?')[0]}`)),
  );
  describeApi(app);
  for (const plugin of options.plugins) app.register(plugin);
  app.register(async (open: App) => {
    healthRoutes(open, options);
    sessionRoutes(open, options.authenticate);
    open.get('/api/openapi.json', async () => app.swagger());
    if (options.uiDirectory !== undefined) pages(open, options.uiDirectory);
  });
  app.register(async (scope: App) => closedRoutes(scope, options, closing.signal), { prefix: '/api/v1' });
  app.register(
    async (scope: App) => {
      requireIdentity(scope, options.authenticate);
      registryRoutes(scope, options.store);
    },
    { prefix: '/registry' },
  );
  return server;
}

function closedRoutes(app: App, options: ServerOptions, closing: AbortSignal): void {
  requireIdentity(app, options.authenticate);
  const me = {
    tags: ['session'],
    summary: 'Who the token belongs to',
    response: { 200: z.object({ user: z.string(), role: z.string() }) },
  };
  app.get('/me', { schema: me }, async ({ identity }) => ({ user: identity?.user ?? '', role: identity?.role ?? '' }));
  runRoutes(app, { ...options, closing });
  artifactRoutes(app, options);
  channelRoutes(app, options);
  historyRoutes(app, options.store);
}

function describeApi(app: App): void {
  app.register(fastifySwagger, {
    hideUntagged: true,
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Fairway',
        version: 'v1',
        description: 'Errors are application/problem+json with a sentence in `detail`.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: ({ schema, url }) => ({ schema: toOpenApi(schema), url }),
  });
}
