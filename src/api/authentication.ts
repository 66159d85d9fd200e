import type { FastifyReply, FastifyRequest } from 'fastify';
import { FairwayError } from '../domain/errors.ts';
import { problem, problemMediaType } from '../domain/problem.ts';
import type { GuessLimit } from '../http/guess-limit.ts';
import { type Authentication, type Identity, type KnownUser, type Role, roles } from '../ports/authentication.ts';
import type { App } from './app.ts';
import { pageOrigin } from './page-origin.ts';
import { sessionIdOf } from './session-cookie.ts';
import type { Sessions } from './sessions.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The least role that may call the route; viewer unless it says otherwise. */
    role?: Role;
  }
  interface FastifyRequest {
    identity: Identity | undefined;
  }
}

/** How the doors know who comes in. */
export interface Admission {
  authentication: Authentication;
  sessions: Sessions;
  guesses: GuessLimit;
  publicUrl: string | undefined;
}

type Admitted =
  | { outcome: 'known'; who: Identity; by: 'token' | 'session' }
  | { outcome: 'unknown'; sentence: string }
  | { outcome: 'too many guesses'; seconds: number };

/** Requires a bearer token or a session for all routes of this scope. */
export function requireIdentity(app: App, admission: Admission): void {
  app.decorateRequest('identity', undefined);
  app.addHook('onRequest', async (request, reply) => {
    const admitted = await admit(request, admission);
    if (admitted.outcome === 'too many guesses') return refuseGuesses(request, reply, admitted.seconds);
    if (admitted.outcome === 'unknown') return refuseStranger(reply, admitted.sentence);
    const { who, by } = admitted;
    const needed = request.routeOptions.config.role ?? 'viewer';
    if (roles.indexOf(who.role) < roles.indexOf(needed)) {
      throw new FairwayError('forbidden', `${who.user} is ${who.role}; this takes ${needed}`);
    }
    // A browser sends the cookie along with what other pages make it send.
    if (by === 'session' && !isSafe(request.method) && pageOrigin(request, admission.publicUrl) !== 'ours') {
      throw new FairwayError('forbidden', "a browser's session changes things only from Fairway's own pages");
    }
    request.identity = who;
  });
}

async function admit(
  request: FastifyRequest,
  { authentication, sessions, guesses, publicUrl }: Admission,
): Promise<Admitted> {
  const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token !== undefined) {
    const checked = await guesses.check<KnownUser>(request.ip, token, authentication.byToken);
    if (checked.outcome === 'known') return { ...checked, by: 'token' };
    if (checked.outcome === 'too many guesses') return checked;
    return {
      outcome: 'unknown',
      sentence: 'the token is not valid, or not any more; sign in at /login with another one',
    };
  }
  const id = sessionIdOf(request.headers.cookie, { secure: isSecure(publicUrl) });
  const who = id === undefined ? undefined : await sessions.userOf(id);
  if (who) return { outcome: 'known', who, by: 'session' };
  const sentence =
    id === undefined
      ? 'who are you? Send "Authorization: Bearer TOKEN", or sign in at /login'
      : 'the session has ended; sign in at /login again';
  return { outcome: 'unknown', sentence };
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Whether people reach us over TLS. */
export function isSecure(publicUrl: string | undefined): boolean {
  return publicUrl?.startsWith('https:') ?? false;
}

function refuseStranger(reply: FastifyReply, detail: string): FastifyReply {
  return reply.code(401).header('www-authenticate', 'Bearer').type(problemMediaType).send(problem(401, detail));
}

export function refuseGuesses({ ip }: FastifyRequest, reply: FastifyReply, seconds: number): FastifyReply {
  const detail = `too many wrong tokens came from ${ip}: try again in ${seconds} s`;
  return reply.code(429).header('retry-after', seconds).type(problemMediaType).send(problem(429, detail));
}

/** Who makes the request; only within the scope of `requireIdentity`. */
export function userOf(request: FastifyRequest): string {
  if (!request.identity) throw new Error(`${request.url} is not behind requireIdentity`);
  return request.identity.user;
}
