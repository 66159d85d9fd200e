import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { problem, problemMediaType } from '../domain/problem.ts';
import { securityHeaders } from './security-headers.ts';

/** A path that can't be read, for which there are no routes and hooks yet. */
export function refusePath(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  const status = error.statusCode ?? 400;
  const detail = status === 414 ? 'a part of the path is too long' : 'the path is not a valid URL';
  reply.code(status).headers(securityHeaders).type(problemMediaType).send(problem(status, detail));
}

const faults: Readonly<Record<string, { status: number; detail: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: 'the request took too long to come in' },
  HPE_HEADER_OVERFLOW: { status: 431, detail: 'the headers of the request are too large' },
};

/** What is no HTTP at all, or comes too slowly. Its socket is all there is to answer on. */
export function refuseBytes(error: Error & { code?: string }, socket: Socket): void {
  if (error.code !== 'ECONNRESET' && socket.writable) {
    const fault = faults[error.code ?? ''] ?? { status: 400, detail: 'the request is not valid HTTP' };
    const answer = problem(fault.status, fault.detail);
    const body = JSON.stringify(answer);
    const head = [
      `HTTP/1.1 ${answer.status} ${answer.title}`,
      `content-type: ${problemMediaType}`,
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  }
  socket.destroySoon();
}
