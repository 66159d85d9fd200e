import { z } from 'zod';
import { problem, problemMediaType } from '../domain/problem.ts';
import type { Authenticate } from '../ports/authentication.ts';
import type { App } from './app.ts';
import { sessionCookie } from './authentication.ts';

/** Signing in and out with a browser. The token travels in the body, never in a URL. */
export function sessionRoutes(app: App, authenticate: Authenticate): void {
  const form = 'application/x-www-form-urlencoded';
  app.addContentTypeParser(form, { parseAs: 'string' }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  app.post('/login', { schema: { body: z.object({ token: z.string().trim().min(1) }) } }, async (request, reply) => {
    const { token } = request.body;
    const identity = await authenticate(token);
    if (!identity) return reply.code(401).type(problemMediaType).send(problem(401, 'nobody has this token'));
    reply.header('set-cookie', sessionCookie(token, request.protocol));
    return request.headers.accept?.includes('text/html') ? reply.redirect('/', 303) : reply.code(204).send();
  });
  app.post('/logout', (request, reply) =>
    reply.header('set-cookie', sessionCookie('', request.protocol)).code(204).send(),
  );
}
