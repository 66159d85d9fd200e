import type { FastifyReply, FastifyRequest } from 'fastify';
import { problem, problemMediaType } from '../domain/problem.ts';
import type { App } from './app.ts';

/** What there is no route for: 405 names what may be done at that path, 404 says that there is no such path. */
export function answerUnknownRoutes(app: App): void {
  const routes: { url: string; methods: string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => void routes.push({ url, methods: [method].flat() }));
  const answerUnknown = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const path = request.url.split('?', 1)[0] ?? '';
    const allowed = new Set(routes.flatMap(({ url, methods }) => (isAt(path, url) ? methods : [])));
    if (allowed.size === 0) return answer(reply, 404, `there is no ${request.method} ${path}`);
    const methods = [...allowed].sort().join(', ');
    return answer(reply.header('allow', methods), 405, `there is no ${request.method} ${path}; it takes ${methods}`);
  };
  // Before anything of the body is read, and is found wrong instead.
  app.addHook('onRequest', async (request, reply) => (request.is404 ? answerUnknown(request, reply) : undefined));
  app.setNotFoundHandler(answerUnknown);
}

/** Whether a path is one of the route's. A route with * stands for many paths, which may be none. */
function isAt(path: string, route: string): boolean {
  const parts = path.split('/');
  const wanted = route.split('/');
  return parts.length === wanted.length && wanted.every((part, at) => part === parts[at] || part.startsWith(':'));
}

function answer(reply: FastifyReply, status: number, detail: string): FastifyReply {
  return reply.code(status).type(problemMediaType).send(problem(status, detail));
}
