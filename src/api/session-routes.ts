import { z } from 'zod';
import { FairwayError } from '../domain/errors.ts';
import { problem, problemMediaType } from '../domain/problem.ts';
import type { App } from './app.ts';
import { type Admission, isSecure, refuseGuesses } from './authentication.ts';
import { pageOrigin } from './page-origin.ts';
import { endedCookie, sessionCookie, sessionIdOf } from './session-cookie.ts';
import { longestTime } from './sessions.ts';

/** A token is short; whoever sends more has nothing to say here. */
const bodyLimit = 4 * 1024;

/** Signing in and out with a browser. The token travels in the body, never in a URL. */
export function sessionRoutes(app: App, { authentication, sessions, guesses, publicUrl }: Admission): void {
  const secure = isSecure(publicUrl);
  const form = 'application/x-www-form-urlencoded';
  app.addContentTypeParser(form, { parseAs: 'string' }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  app.addHook('onRequest', async (request) => {
    // Otherwise another page could sign its reader in as someone else, or out.
    if (request.method === 'POST' && pageOrigin(request, publicUrl) === 'foreign') {
      throw new FairwayError('forbidden', "signing in and out works only from Fairway's own pages");
    }
  });
  const schema = { body: z.object({ token: z.string().trim().min(1) }) };
  app.post('/login', { bodyLimit, schema }, async (request, reply) => {
    const checked = await guesses.check(request.ip, request.body.token, authentication.byToken);
    if (checked.outcome === 'too many guesses') return refuseGuesses(request, reply, checked.seconds);
    if (checked.outcome === 'unknown') {
      return reply.code(401).type(problemMediaType).send(problem(401, 'nobody has this token'));
    }
    const before = sessionIdOf(request.headers.cookie, { secure });
    if (before !== undefined) await sessions.end(before);
    const id = await sessions.begin(checked.who);
    request.log.info({ user: checked.who.user, address: request.ip }, 'signed in');
    reply.header('set-cookie', sessionCookie(id, { secure, seconds: longestTime / 1000 }));
    return request.headers.accept?.includes('text/html') ? reply.redirect('/', 303) : reply.code(204).send();
  });
  app.post('/logout', { bodyLimit }, async (request, reply) => {
    const id = sessionIdOf(request.headers.cookie, { secure });
    if (id !== undefined) await sessions.end(id);
    return reply.header('set-cookie', endedCookie({ secure })).code(204).send();
  });
}
