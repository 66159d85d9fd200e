import { setTimeout as sleep } from 'node:timers/promises';
import { type HttpMethod, IsomorphicFetchHttpLibrary, KubeConfig, RequestContext } from '@kubernetes/client-node';
import { z } from 'zod';
import { FairwayError, messageOf } from '../../domain/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';

const REQUEST_TIMEOUT_MS = 30_000;
/** Pauses before the second, third, … attempt. */
const RETRY_PAUSES_MS = [200, 400, 800, 1600];
/** A request that took this long already is not repeated: a black-holed address would multiply its own timeout. */
const RETRY_WINDOW_MS = 8_000;

export type Answer =
  | { outcome: 'ok'; status: number; body: JsonObject }
  /**
   * `message` is the API server's own sentence, which may be thousands of characters; `causes` say it field by field. `subject`
   * is the name of the object that it is about: a 404 without one says that there is no such kind, not that there is no such
   * object.
   */
  | { outcome: 'refused'; status: number; message: string; causes: Cause[]; subject: string | undefined };

export type Refused = Extract<Answer, { outcome: 'refused' }>;

/** One of the causes in the API server's Status details; absent parts are empty. */
export interface Cause {
  /** `FieldValueInvalid`, `NamespaceTerminating`. */
  reason: string;
  /** `spec.template`. */
  field: string;
  message: string;
}

export interface ApiRequest {
  method: 'GET' | 'PATCH' | 'DELETE';
  /** Below the server's address, e.g. `/api/v1/nodes`. */
  path: string;
  query?: Record<string, string>;
  body?: Json;
  contentType?: string;
  accept?: string;
}

const text = z.string().default('');
const statusBody = z.object({
  message: z.string().optional(),
  details: z
    .object({
      name: z.string().optional(),
      causes: z.array(z.object({ reason: text, field: text, message: text })).nullish(),
    })
    .nullish(),
});

type Credentials = Pick<RequestContext, 'getHeaders' | 'getDispatcher'>;

/**
 * The HTTP side of one cluster. The generated clients are not used: they drop fields that they don't know from what is
 * applied, write paths in lower case (RBAC names may have capitals), and open a new TLS connection per request.
 */
export class ApiServer {
  readonly url: string;
  readonly #config: KubeConfig;
  readonly #http = new IsomorphicFetchHttpLibrary();
  #credentials: Promise<Credentials> | undefined;

  /** `kubeconfig` is YAML text; its current context counts. */
  constructor(kubeconfig: string) {
    this.#config = parseKubeconfig(kubeconfig);
    const server = this.#config.getCurrentCluster()?.server;
    if (server === undefined || server === '') {
      throw new FairwayError(
        'refused',
        'The kubeconfig names no server: set current-context to a context whose cluster has one.',
      );
    }
    this.url = server.replace(/\/+$/, '');
  }

  /**
   * Throws FairwayError `unavailable` when there is no answer, or none but 429 or 5xx, after a few attempts. A conflict is tried
   * anew as often, and then is an answer: one that lasts lies in what was sent.
   */
  async request(request: ApiRequest, signal: AbortSignal): Promise<Answer> {
    const { status, text } = await this.#exchange(request, signal);
    if (status < 400) {
      const body: unknown = text === '' ? {} : JSON.parse(text);
      if (!isJsonObject(body))
        throw new Error(`${request.method} ${request.path}: the API server answered no JSON object`);
      return { outcome: 'ok', status, body };
    }
    return { outcome: 'refused', status, ...refusalOf(text, status) };
  }

  /** A text such as a container's log; undefined when there is none. */
  async text(path: string, query: Record<string, string>, signal: AbortSignal): Promise<string | undefined> {
    const { status, text } = await this.#exchange({ method: 'GET', path, query, accept: '*/*' }, signal);
    return status < 400 ? text : undefined;
  }

  /** The text of a health endpoint, which says what fails with a 500 that is an answer and no accident. */
  async probe(path: string, query: Record<string, string>, signal: AbortSignal): Promise<string> {
    const response = await this.#attempt({ method: 'GET', path, query, accept: '*/*' }, signal);
    if ('failure' in response) throw this.#unavailable(response);
    return response.text;
  }

  async #exchange(request: ApiRequest, signal: AbortSignal): Promise<{ status: number; text: string }> {
    const started = Date.now();
    for (let attempt = 0; ; attempt++) {
      const pause = Date.now() - started < RETRY_WINDOW_MS ? RETRY_PAUSES_MS[attempt] : undefined;
      const response = await this.#attempt(request, signal);
      if ('text' in response && response.status === 401) {
        if (attempt > 0) throw this.#unauthorized(response.text);
        this.#credentials = undefined;
        continue;
      }
      if ('text' in response && !isTransient(request, response)) return response;
      if (pause === undefined && 'text' in response && response.status === 409) return response;
      if (pause === undefined) throw this.#unavailable(response);
      await sleep(pause, undefined, { signal });
    }
  }

  async #attempt(
    request: ApiRequest,
    signal: AbortSignal,
  ): Promise<{ status: number; text: string } | { failure: unknown }> {
    const context = await this.#context(request);
    const timeout = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
    try {
      context.setSignal(timeout);
      const response = await this.#http.send(context).toPromise();
      return { status: response.httpStatusCode, text: await response.body.text() };
    } catch (failure) {
      signal.throwIfAborted();
      return { failure };
    }
  }

  async #context(request: ApiRequest): Promise<RequestContext> {
    const query = new URLSearchParams(request.query).toString();
    const method: HttpMethod = request.method;
    const context = new RequestContext(`${this.url}${request.path}${query === '' ? '' : `?${query}`}`, method);
    this.#credentials ??= this.#authenticate();
    const credentials = await this.#credentials;
    for (const [name, value] of Object.entries(credentials.getHeaders())) context.setHeaderParam(name, value);
    const dispatcher = credentials.getDispatcher();
    if (dispatcher !== undefined) context.setDispatcher(dispatcher);
    context.setHeaderParam('Accept', request.accept ?? 'application/json');
    if (request.body !== undefined) {
      context.setHeaderParam('Content-Type', request.contentType ?? 'application/json');
      context.setBody(JSON.stringify(request.body));
    }
    return context;
  }

  /** Kept for all requests until a 401: the library makes a new connection pool each time it is asked. */
  async #authenticate(): Promise<Credentials> {
    const context = new RequestContext(this.url, 'GET');
    try {
      await this.#config.applySecurityAuthentication(context);
    } catch (cause) {
      this.#credentials = undefined;
      throw new FairwayError('refused', `The kubeconfig for ${this.url} cannot be used: ${messageOf(cause)}`, {
        cause,
      });
    }
    return context;
  }

  #unauthorized(text: string): FairwayError {
    return new FairwayError(
      'forbidden',
      `The API server at ${this.url} refused the kubeconfig's credentials: ${refusalOf(text, 401).message}. Renew the kubeconfig.`,
    );
  }

  #unavailable(response: { status: number; text: string } | { failure: unknown }): FairwayError {
    if ('text' in response) {
      const { message } = refusalOf(response.text, response.status);
      return new FairwayError('unavailable', `The API server at ${this.url} answered ${response.status}: ${message}`);
    }
    return new FairwayError(
      'unavailable',
      `The API server at ${this.url} did not answer: ${networkCause(response.failure)}. Check that the cluster runs and can be reached from here.`,
      { cause: response.failure },
    );
  }
}

function parseKubeconfig(text: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromString(text);
  } catch (error) {
    throw new FairwayError('refused', `The kubeconfig cannot be read: ${messageOf(error)}`, { cause: error });
  }
  return config;
}

function isTransient({ method }: ApiRequest, { status, text }: { status: number; text: string }): boolean {
  // The API server answers 500, as if it were its own fault, to an apply with a field that the schema doesn't have, or a value
  // that the field's type can't hold.
  if (status === 500 && /failed to (create typed patch object|convert new object)/.test(text)) return false;
  return status === 429 || status >= 500 || (status === 409 && method === 'PATCH');
}

function refusalOf(text: string, status: number): Pick<Refused, 'message' | 'causes' | 'subject'> {
  try {
    const { message, details } = statusBody.parse(JSON.parse(text));
    return { message: message ?? `HTTP ${status}`, causes: details?.causes ?? [], subject: details?.name };
  } catch {
    return { message: text.trim().slice(0, 500) || `HTTP ${status}`, causes: [], subject: undefined };
  }
}

/** fetch says only `fetch failed`; what happened is the innermost cause, and several addresses make an AggregateError. */
function networkCause(failure: unknown): string {
  let error = failure;
  while (error instanceof Error && error.cause !== undefined) error = error.cause;
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return `no answer within ${REQUEST_TIMEOUT_MS / 1000} s`;
  }
  return messageOf(error);
}
