import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyPluginAsync, LogController } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { problem, problemMediaType } from '../domain/problem.ts';
import { createGuessLimit } from '../http/guess-limit.ts';
import { requireOwnHost } from '../http/own-hosts.ts';
import { limitConnections, type TimeLimits, withTimeLimits } from '../http/time-limits.ts';
import type { Artifacts } from '../ports/artifacts.ts';
import type { Authentication } from '../ports/authentication.ts';
import type { Commands } from '../ports/commands.ts';
import type { Dispatcher } from '../ports/dispatcher.ts';
import type { WatchedPart } from '../ports/health.ts';
import type { Store } from '../ports/store.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { App } from './app.ts';
import { artifactRoutes } from './artifact-routes.ts';
import { requireIdentity } from './authentication.ts';
import { channelRoutes } from './channel-routes.ts';
import { answerErrors } from './errors.ts';
import { healthRoutes } from './health-routes.ts';
import { historyRoutes } from './history-routes.ts';
import { refuseBytes, refusePath } from './malformed-requests.ts';
import { describeApi } from './openapi.ts';
import { pages } from './pages.ts';
import { registryRoutes } from './registry-routes.ts';
import { runRoutes } from './run-routes.ts';
import { useZod } from './schemas.ts';
import { sendSecurityHeaders } from './security-headers.ts';
import { sessionRoutes } from './session-routes.ts';
import { createSessions } from './sessions.ts';
import { answerUnknownRoutes } from './unknown-routes.ts';

export interface ServerOptions {
  store: Store;
  artifacts: Artifacts;
  dispatcher: Dispatcher;
  authentication: Authentication;
  commands: Commands;
  metrics: Metrics;
  /** What /readyz looks at. */
  parts: readonly WatchedPart[];
  /** Where people reach us; undefined for the address that we listen on. */
  publicUrl: string | undefined;
  /** Addresses and networks of proxies, which are believed whom they speak for. */
  trustedProxies: string[];
  timeLimits: TimeLimits;
  /** Where the built pages are; undefined for a server without pages. */
  uiDirectory: string | undefined;
  /** More doors, e.g. the webhook receiver. */
  plugins: FastifyPluginAsync[];
  log: Logger;
}

/** Most of what is sent here is a sentence; a route that takes more says so. */
const bodyLimit = 64 * 1024;

/** The HTTP server; the caller listens and closes. */
export function createServer(options: ServerOptions): FastifyInstance {
  const logger: FastifyBaseLogger = options.log;
  const server = fastify({
    ...withTimeLimits(options.timeLimits),
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    bodyLimit,
    trustProxy: options.trustedProxies,
    // Ids in paths come from the forge and the registry.
    routerOptions: { maxParamLength: 1_000 },
    frameworkErrors: refusePath,
    clientErrorHandler: refuseBytes,
  });
  limitConnections(server);
  const app: App = server.withTypeProvider();
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());
  sendSecurityHeaders(app);
  useZod(app);
  answerErrors(app);
  answerUnknownRoutes(app);
  describeApi(app);
  // A delivery proves itself, under whatever name it came here.
  for (const plugin of options.plugins) app.register(plugin);
  app.register(async (scope: App) => ownRoutes(scope, options, closing.signal));
  return server;
}

function ownRoutes(app: App, options: ServerOptions, closing: AbortSignal): void {
  const { store, authentication, publicUrl, log } = options;
  requireOwnHost(app, publicUrl, (reply, host) => {
    const names = 'it answers to localhost and 127.0.0.1, and to the name in FAIRWAY_URL';
    return reply
      .code(421)
      .type(problemMediaType)
      .send(problem(421, `this server is not ${host}: ${names}`));
  });
  const sessions = createSessions(store.sessions, authentication);
  const admission = { authentication, sessions, guesses: createGuessLimit(log), publicUrl };
  app.register(async (open: App) => {
    healthRoutes(open, options);
    open.get('/api/openapi.json', async () => app.swagger());
    if (options.uiDirectory !== undefined) pages(open, options.uiDirectory);
  });
  app.register(async (scope: App) => sessionRoutes(scope, admission));
  app.register(
    async (scope: App) => {
      requireIdentity(scope, admission);
      closedRoutes(scope, options, closing);
    },
    { prefix: '/api/v1' },
  );
  app.register(
    async (scope: App) => {
      requireIdentity(scope, admission);
      registryRoutes(scope, store);
    },
    { prefix: '/registry' },
  );
}

function closedRoutes(app: App, options: ServerOptions, closing: AbortSignal): void {
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
