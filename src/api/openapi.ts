import fastifySwagger from '@fastify/swagger';
import type { FastifySchema, RouteOptions } from 'fastify';
import { z } from 'zod';
import { problemMediaType } from '../domain/problem.ts';
import type { App } from './app.ts';

/** `GET /api/openapi.json` says what can be sent, and all that can come back. Routes without tags are left out. */
export function describeApi(app: App): void {
  app.register(fastifySwagger, {
    hideUntagged: true,
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Fairway',
        version: 'v1',
        description: 'Errors are application/problem+json with a sentence in `detail`.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: ({ schema, url, route }) => ({ schema: toOpenApi(schema, route), url }),
    transformObject: (document) => {
      if (!('openapiObject' in document)) return document.swaggerObject;
      const { openapiObject } = document;
      for (const { post } of Object.values(openapiObject.paths ?? {}).map((path) => path ?? {})) {
        // fastify-swagger takes every body for required.
        if (post && 'content' in (post.requestBody ?? {}) && optionalBody in post) {
          post.requestBody = Object.assign({ content: {} }, post.requestBody, { required: false });
        }
      }
      return openapiObject;
    },
  });
}

const optionalBody = 'x-optional-body';

/** A response that is no JSON of a known form: what it is depends on what is asked for. */
export function mediaOf(description: string, ...types: string[]) {
  return { description, content: Object.fromEntries(types.map((type) => [type, { schema: {} }])) };
}

/** The route's schema with JSON Schema in the place of zod, and with the refusals that every route of its kind has. */
function toOpenApi(schema: FastifySchema | undefined, route: RouteOptions): FastifySchema {
  if (!schema) return {};
  const { body, querystring, params, headers, response, ...rest } = schema;
  const inputs = Object.entries({ body, querystring, params, headers }).flatMap(([part, one]) =>
    one instanceof z.ZodType ? [[part, describe(one, 'input')] as const] : [],
  );
  const outputs = Object.entries(response ?? {}).map(([status, one]) =>
    one instanceof z.ZodType
      ? [status, { description: one.description ?? 'what was asked for', ...describe(one, 'output') }]
      : [status, one],
  );
  const bodyIsOptional = body instanceof z.ZodType && body.safeParse(undefined).success;
  return {
    ...rest,
    ...Object.fromEntries(inputs),
    ...(bodyIsOptional ? { [optionalBody]: true } : {}),
    response: { ...refusals(schema, route), ...Object.fromEntries(outputs) },
  };
}

const said = z.object({ type: z.string(), title: z.string(), status: z.int(), detail: z.string() });

function refusals({ body, params }: FastifySchema, { method, config }: RouteOptions) {
  const changes = [method].flat().some((one) => one !== 'GET' && one !== 'HEAD');
  const sentences: [status: number, description: string, when: boolean][] = [
    [400, 'something in the request is wrong', true],
    [401, 'no token, or one that is nobody’s', true],
    [403, 'the role is too small', changes || config?.role !== undefined],
    [404, 'there is no such thing', params !== undefined],
    [408, 'the request took too long to come in', true],
    [409, 'not as things stand', changes],
    [413, 'the body is too large', body !== undefined],
    [414, 'a part of the path is too long', params !== undefined],
    [415, 'the body is not JSON', body !== undefined || changes],
    [421, 'a name of this server that is not known to be its', true],
    [429, 'too many wrong tokens from this address; Retry-After says when to try again', true],
    [431, 'the headers are too large', true],
    [500, 'Fairway broke', true],
    [503, 'something that Fairway needs does not answer; Retry-After says when to try again', true],
  ];
  const content = { [problemMediaType]: { schema: describe(said, 'output') } };
  return Object.fromEntries(
    sentences.flatMap(([status, description, when]) => (when ? [[status, { description, content }]] : [])),
  );
}

function describe(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema: _, ...described } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override({ jsonSchema }) {
      const free = jsonSchema.type === 'string' && !jsonSchema.pattern && !jsonSchema.enum && !jsonSchema.format;
      // As `useZod` refuses it.
      if (io === 'input' && free) jsonSchema.pattern = '^[^\\u0000]*$';
    },
  });
  return described;
}
