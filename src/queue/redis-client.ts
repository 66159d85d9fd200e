import { Redis } from 'ioredis';

/** `redis://…` or `rediss://…`, or the socket of the embedded server. */
export type RedisAddress = { url: string } | { path: string; password: string };

export interface RedisLink {
  client: Redis;
  /** Also of the copies that BullMQ makes of the client: none of them tries to connect any more. */
  disconnect(): void;
}

/**
 * BullMQ wants commands to wait for a lost connection instead of failing, so that its scripts never stop halfway; whoever
 * uses it sets the deadlines. A server that hangs without closing the connection counts as lost after 15 s.
 */
export function connectRedis(address: RedisAddress, name: string): RedisLink {
  let closed = false;
  const options = {
    connectionName: `fairway-${name}`,
    maxRetriesPerRequest: null,
    connectTimeout: 5_000,
    socketTimeout: 15_000,
    retryStrategy: (times: number) => (closed ? null : Math.min(times * 200, 2_000)),
  };
  const client = 'url' in address ? new Redis(address.url, options) : new Redis({ ...address, ...options });
  return {
    client,
    disconnect() {
      closed = true;
      client.disconnect();
    },
  };
}
