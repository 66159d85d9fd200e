import type { FastifySchema } from 'fastify';
import { z } from 'zod';
import { FairwayError } from '../domain/errors.ts';
import type { App } from './app.ts';

const partNames: Readonly<Record<string, string>> = {
  body: 'body',
  querystring: 'query parameter',
  params: 'path parameter',
  headers: 'header',
};

/** Makes zod the language of the routes' schemas: for checking what comes in and, by `toOpenApi`, for describing it. */
export function useZod(app: App): void {
  app.setValidatorCompiler(({ schema, httpPart }) => {
    if (!(schema instanceof z.ZodType)) throw new Error(`the ${httpPart} of a route is not described by zod`);
    return (input: unknown) => {
      const parsed = schema.safeParse(input);
      if (parsed.success) return { value: parsed.data };
      const part = partNames[httpPart ?? ''] ?? 'request';
      const sentences = parsed.error.issues.map(
        ({ path, message }) => `${[part, path.join('.')].join(' ').trim()}: ${message}`,
      );
      return { error: new FairwayError('refused', sentences.join('; ')) };
    };
  });
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
}

/** The route's schema with JSON Schema in the place of zod. */
export function toOpenApi(schema: FastifySchema | undefined): FastifySchema {
  if (!schema) return {};
  const { body, querystring, params, headers, response, ...rest } = schema;
  const inputs = Object.entries({ body, querystring, params, headers }).flatMap(([part, one]) =>
    one instanceof z.ZodType ? [[part, describe(one, 'input')] as const] : [],
  );
  const outputs = Object.entries(response ?? {}).flatMap(([status, one]) =>
    one instanceof z.ZodType
      ? [[status, { description: one.description ?? '', ...describe(one, 'output') }] as const]
      : [],
  );
  return {
    ...rest,
    ...Object.fromEntries(inputs),
    ...(outputs.length > 0 ? { response: Object.fromEntries(outputs) } : {}),
  };
}

function describe(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema: _, ...described } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return described;
}
