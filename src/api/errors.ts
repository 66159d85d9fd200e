import type { FastifyError } from 'fastify';
import { type ErrorKind, FairwayError } from '../domain/errors.ts';
import { problem, problemMediaType } from '../domain/problem.ts';
import type { App } from './app.ts';

const statuses: Readonly<Record<ErrorKind, number>> = {
  refused: 400,
  forbidden: 403,
  missing: 404,
  conflict: 409,
  unavailable: 503,
};

const retryAfterSeconds = 10;

/** Every error leaves as problem+json with a sentence; what we broke is told only in the log. */
export function answerErrors(app: App): void {
  app.setErrorHandler<FastifyError | FairwayError>((error, request, reply) => {
    const status = error instanceof FairwayError ? statuses[error.kind] : (error.statusCode ?? 500);
    if (status >= 500) request.log.error({ err: error }, 'a request failed');
    if (status === 503) reply.header('retry-after', retryAfterSeconds);
    const ours = `Fairway broke on this request; its log says more under the request id ${request.id}`;
    return reply
      .code(status)
      .type(problemMediaType)
      .send(problem(status, status === 500 ? ours : error.message));
  });
}
