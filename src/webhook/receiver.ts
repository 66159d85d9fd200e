import type { FastifyError, FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { isJsonObject } from '../domain/json.ts';
import { problem, problemMediaType } from '../domain/problem.ts';
import { BodyBudget, type BodyOutcome } from '../http/body-budget.ts';
import type { Dispatcher } from '../ports/dispatcher.ts';
import type { DeliveryStore } from '../ports/store.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { isSignature, isSigned, requireSecrets } from './signature.ts';

export interface ReceiverOptions {
  /** Two at once while one is being replaced by the other. */
  secrets: readonly string[];
  deliveries: Pick<DeliveryStore, 'receive'>;
  dispatcher: Dispatcher;
  metrics: Pick<Metrics, 'delivery'>;
}

/** What GitHub sends at most. */
const bodyLimit = 25 * 1024 * 1024;
/** Whether a delivery is signed shows only when all of it is here: so much are all of them together allowed to take until then. */
const unsignedBytes = 64 * 1024 * 1024;
const retryAfterSeconds = 10;

/** The event's name and the delivery's id go into logs and wake-ups. */
const plainWord = /^[A-Za-z0-9][-A-Za-z0-9_.]{0,99}$/;

/**
 * `POST /webhooks/github`: a delivery is durable before it is answered. Throws a FairwayError at once when there is no
 * secret worth the name.
 */
export function createReceiver(options: ReceiverOptions): FastifyPluginAsync {
  requireSecrets(options.secrets);
  const budget = new BodyBudget(unsignedBytes);
  return async (server: FastifyInstance) => {
    server.removeAllContentTypeParsers();
    // Read by `receive`, within the budget.
    server.addContentTypeParser('*', (_request, _payload, done) => done(null));
    server.setErrorHandler<FastifyError>((error, request, reply) => {
      const { statusCode = 503 } = error;
      if (statusCode < 500) return refuse(options, reply, statusCode, error.message);
      request.log.error({ err: error }, 'a delivery could not be stored');
      return refuse(options, reply, 503, 'the delivery could not be stored; redeliver it later');
    });
    server.post('/webhooks/github', (request, reply) => {
      const length = header(request, 'content-length');
      const order = { announced: length === undefined ? undefined : Number(length), most: bodyLimit };
      if ((order.announced ?? 0) > bodyLimit) return refuseBody(options, reply, 'too large');
      const signature = header(request, 'x-hub-signature-256') ?? '';
      if (!isSignature(signature)) return refuse(options, reply, 401, faultInSignature(signature));
      return budget.read(request.raw, order, (body) => receive(options, request, reply, signature, body));
    });
  };
}

async function receive(
  options: ReceiverOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  signature: string,
  body: BodyOutcome,
): Promise<FastifyReply> {
  if (body.outcome !== 'whole') return refuseBody(options, reply, body.outcome);
  if (!isSigned(body.bytes, signature, options.secrets)) {
    const mismatch = "the signature does not match: the forge's webhook has another secret than FAIRWAY_WEBHOOK_SECRET";
    return refuse(options, reply, 401, mismatch);
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
  const payload = body.bytes.toString('utf8');
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

function faultInSignature(signature: string): string {
  if (signature === '') return "the X-Hub-Signature-256 header is missing: set a secret in the forge's webhook";
  return 'the X-Hub-Signature-256 header is not "sha256=" and 64 hexadecimal digits';
}

function refuseBody(
  options: ReceiverOptions,
  reply: FastifyReply,
  outcome: Exclude<BodyOutcome['outcome'], 'whole'>,
): FastifyReply {
  // What is still to come is not waited for.
  reply.header('connection', 'close');
  switch (outcome) {
    case 'too large': {
      const most = `${bodyLimit / 1024 / 1024} MB`;
      return refuse(options, reply, 413, `the body is larger than ${most}, the most that GitHub sends`);
    }
    case 'crowded out':
      return refuse(options, reply, 503, 'too many deliveries come in at once; redeliver this one later');
    case 'cut short':
      return refuse(options, reply, 400, 'the body ended before its announced length');
  }
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
  if (status === 503) reply.header('retry-after', retryAfterSeconds);
  return reply.code(status).type(problemMediaType).send(problem(status, detail));
}
