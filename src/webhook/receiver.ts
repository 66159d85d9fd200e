import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { isJsonObject } from '../domain/json.ts';
import { problem, problemMediaType } from '../domain/problem.ts';
import type { Dispatcher } from '../ports/dispatcher.ts';
import type { DeliveryStore } from '../ports/store.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { isSigned, requireSecrets } from './signature.ts';

export interface ReceiverOptions {
  /** Two at once while one is being replaced by the other. */
  secrets: readonly string[];
  deliveries: Pick<DeliveryStore, 'receive'>;
  dispatcher: Dispatcher;
  metrics: Pick<Metrics, 'delivery'>;
}

/** What GitHub sends at most. */
const bodyLimit = 25 * 1024 * 1024;

/** The event's name and the delivery's id go into logs and wake-ups. */
const plainWord = /^[A-Za-z0-9][-A-Za-z0-9_.]{0,99}$/;

/**
 * `POST /webhooks/github`: a delivery is durable before it is answered. Throws a FairwayError at once when there is no
 * secret worth the name.
 */
export function createReceiver(options: ReceiverOptions): FastifyPluginAsync {
  requireSecrets(options.secrets);
  return async (server: FastifyInstance) => {
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body));
    server.setErrorHandler((error, request, reply) => {
      if (error instanceof Error && 'statusCode' in error && error.statusCode === 413) {
        return refuse(
          options,
          reply,
          413,
          `the body is larger than ${bodyLimit / 1024 / 1024} MB, the most that GitHub sends`,
        );
      }
      request.log.error({ err: error }, 'a delivery could not be stored');
      return refuse(options, reply, 503, 'the delivery could not be stored; redeliver it later');
    });
    server.post('/webhooks/github', { bodyLimit }, (request, reply) => receive(options, request, reply));
  };
}

async function receive(options: ReceiverOptions, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const signature = header(request, 'x-hub-signature-256');
  if (signature === undefined) {
    return refuse(
      options,
      reply,
      401,
      "the X-Hub-Signature-256 header is missing: set a secret in the forge's webhook",
    );
  }
  if (!isSigned(bytes, signature, options.secrets)) {
    return refuse(
      options,
      reply,
      401,
      "the signature does not match: the forge's webhook has another secret than FAIRWAY_WEBHOOK_SECRET",
    );
  }
  const event = header(request, 'x-github-event');
  const id = header(request, 'x-github-delivery');
  for (const [name, value] of [
    ['X-GitHub-Event', event],
    ['X-GitHub-Delivery', id],
  ] as const) {
    if (value === undefined) return refuse(options, reply, 400, `the ${name} header is missing`);
    if (!plainWord.test(value)) return refuse(options, reply, 400, `the ${name} header is not a plain word`);
  }
  if (event === undefined || id === undefined) throw new Error('checked above');
  const payload = bytes.toString('utf8');
  const malformed = faultIn(payload, header(request, 'content-type') ?? '');
  if (malformed !== undefined) return refuse(options, reply, 400, malformed);

  const delivery = await options.deliveries.receive({ id, event, payload, receivedAt: Date.now() });
  options.metrics.delivery(delivery);
  if (delivery === 'new') {
    // The answer doesn't wait for Redis: the sweeper finds the delivery in the store.
    options.dispatcher.wake({ wake: 'delivery', id }).catch((error: unknown) => {
      request.log.warn({ err: error, delivery: id }, 'no wake-up for the delivery; the sweeper will find it');
    });
  }
  return reply.code(202).send({ delivery, id });
}

function faultIn(payload: string, contentType: string): string | undefined {
  if (!contentType.toLowerCase().startsWith('application/json')) {
    return `the content type is "${contentType}": choose application/json in the forge's webhook`;
  }
  try {
    return isJsonObject(JSON.parse(payload)) ? undefined : 'the body is JSON, but not an object';
  } catch {
    return 'the body is not JSON';
  }
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function refuse({ metrics }: ReceiverOptions, reply: FastifyReply, status: number, detail: string): FastifyReply {
  metrics.delivery('refused');
  return reply.code(status).type(problemMediaType).send(problem(status, detail));
}
