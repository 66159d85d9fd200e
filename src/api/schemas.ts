import { z } from 'zod';
import { FairwayError } from '../domain/errors.ts';
import { hasNul } from '../http/has-nul.ts';
import type { App } from './app.ts';

const partNames: Readonly<Record<string, string>> = {
  body: 'body',
  querystring: 'query parameter',
  params: 'path parameter',
  headers: 'header',
};

/** Makes zod the language of the routes' schemas: for checking what comes in and, in `describeApi`, for describing it. */
export function useZod(app: App): void {
  app.setValidatorCompiler(({ schema, httpPart }) => {
    if (!(schema instanceof z.ZodType)) throw new Error(`the ${httpPart} of a route is not described by zod`);
    return (input: unknown) => {
      const part = partNames[httpPart ?? ''] ?? 'request';
      const parsed = schema.safeParse(input);
      // Postgres keeps no text with it, and no name has it.
      if (parsed.success && hasNul(parsed.data)) {
        return { error: new FairwayError('refused', `${part}: it contains the character NUL`) };
      }
      if (parsed.success) return { value: parsed.data };
      const sentences = parsed.error.issues.map(
        ({ path, message }) => `${[part, path.join('.')].join(' ').trim()}: ${message}`,
      );
      return { error: new FairwayError('refused', sentences.join('; ')) };
    };
  });
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
}
