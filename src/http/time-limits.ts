import type { FastifyInstance } from 'fastify';

/** How long a client may take, in milliseconds. Whoever takes longer is ended. */
export interface TimeLimits {
  /** From a connection's begin, or a request's, to the end of its headers. */
  headers: number;
  /** To the end of its body. */
  request: number;
  /** Between two requests on one connection. Longer than load balancers keep theirs, or they would run into its end. */
  keepAlive: number;
  /** In which nothing moves, in either direction: for who doesn't read what he has asked for. */
  silence: number;
  /** A stream of events; its reader then comes again, and is asked again who he is. */
  stream: number;
}

export const usualTimeLimits: TimeLimits = {
  headers: 10_000,
  // A forge gives a delivery up after 10 s.
  request: 30_000,
  keepAlive: 75_000,
  // Longer than the longest answer takes to begin.
  silence: 180_000,
  stream: 600_000,
};

/** More connections than these wait in the kernel's queue or are refused: each costs memory before it has said who it is. */
const mostConnections = 2_000;

/** The part of fastify's options that sets these limits. */
export function withTimeLimits(limits: TimeLimits) {
  return {
    http: {
      headersTimeout: limits.headers,
      // Node looks for late ones in rounds.
      connectionsCheckingInterval: Math.max(100, Math.min(limits.headers, limits.request) / 4),
    },
    requestTimeout: limits.request,
    keepAliveTimeout: limits.keepAlive,
    connectionTimeout: limits.silence,
  };
}

export function limitConnections({ server }: FastifyInstance): void {
  server.maxConnections = mostConnections;
}
