import type { FastifyReply, FastifyRequest } from 'fastify';
import { FairwayError } from '../domain/errors.ts';
import { problem, problemMediaType } from '../domain/problem.ts';
import { type Authenticate, type Identity, type Role, roles } from '../ports/authentication.ts';
import type { App } from './app.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The least role that may call the route; viewer unless it says otherwise. */
    role?: Role;
  }
  interface FastifyRequest {
    identity: Identity | undefined;
  }
}

const cookieName = 'fairway_session';
const sessionSeconds = 12 * 60 * 60;

/** Requires a token, as a bearer or in the session's cookie, for all routes of this scope. */
export function requireIdentity(app: App, authenticate: Authenticate): void {
  app.decorateRequest('identity', undefined);
  app.addHook('onRequest', async (request, reply) => {
    const { token, from } = tokenOf(request);
    const identity = await authenticate(token);
    if (!identity) return refuseStranger(reply, token);
    const needed = request.routeOptions.config.role ?? 'viewer';
    if (roles.indexOf(identity.role) < roles.indexOf(needed)) {
      throw new FairwayError('forbidden', `${identity.user} is ${identity.role}; this takes ${needed}`);
    }
    // A browser sends the cookie along with what other pages make it send.
    const site = request.headers['sec-fetch-site'];
    if (from === 'cookie' && request.method !== 'GET' && site !== undefined && site !== 'same-origin') {
      throw new FairwayError('forbidden', "a browser's session changes things only from Fairway's own pages");
    }
    request.identity = identity;
  });
}

function refuseStranger(reply: FastifyReply, token: string | undefined): FastifyReply {
  const detail =
    token === undefined
      ? 'who are you? Send "Authorization: Bearer TOKEN", or sign in at /login'
      : 'the token is not valid, or not any more; sign in at /login with another one';
  return reply.code(401).header('www-authenticate', 'Bearer').type(problemMediaType).send(problem(401, detail));
}

/** Who makes the request; only within the scope of `requireIdentity`. */
export function userOf(request: FastifyRequest): string {
  if (!request.identity) throw new Error(`${request.url} is not behind requireIdentity`);
  return request.identity.user;
}

function tokenOf(request: FastifyRequest): { token: string | undefined; from: 'header' | 'cookie' | 'nowhere' } {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return { token: bearer, from: 'header' };
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === cookieName && value) return { token: Buffer.from(value, 'base64url').toString(), from: 'cookie' };
  }
  return { token: undefined, from: 'nowhere' };
}

/** The cookie that carries the token, unreadable for scripts; an empty token ends the session. */
export function sessionCookie(token: string, protocol: string): string {
  const value = Buffer.from(token).toString('base64url');
  const secure = protocol === 'https' ? '; Secure' : '';
  const age = token === '' ? 0 : sessionSeconds;
  return `${cookieName}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${age}${secure}`;
}
