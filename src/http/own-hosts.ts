import type { FastifyInstance, FastifyReply } from 'fastify';
import { isLoopback } from './loopback.ts';

/**
 * A server that only this machine reaches answers to this machine's names alone, and to that of `publicUrl`: a web page elsewhere
 * can point a name of its own at 127.0.0.1, and would then be allowed by the browser to read what is answered.
 */
export function requireOwnHost(
  app: Pick<FastifyInstance, 'addHook' | 'addresses'>,
  publicUrl: string | undefined,
  refuse: (reply: FastifyReply, host: string) => FastifyReply,
): void {
  const publicHost = publicUrl === undefined ? undefined : new URL(publicUrl).hostname;
  app.addHook('onRequest', async (request, reply) => {
    if (!app.addresses().every((at) => typeof at !== 'string' && isLoopback(at.address))) return;
    const { host = '' } = request.headers;
    const name = URL.parse(`http://${host}`)?.hostname ?? '';
    if (isLoopback(name) || name === publicHost) return;
    return refuse(reply, JSON.stringify(host));
  });
}
