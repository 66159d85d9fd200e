import { z } from 'zod';
import { channel } from '../domain/channel.ts';
import { duration } from '../domain/duration.ts';
import { pipelineSchema } from '../domain/pipeline.ts';
import { stepSchemas } from './registry.ts';

/** JSON Schemas of the config repository's files, by file name: of what people write, not of what it is parsed to. */
export function jsonSchemas(): Record<string, object> {
  return {
    'channel.schema.json': inputSchema(channel),
    'pipeline.schema.json': inputSchema(pipelineSchema(stepSchemas)),
  };
}

function inputSchema(schema: z.ZodType): object {
  return z.toJSONSchema(schema, {
    io: 'input',
    override({ zodSchema, jsonSchema, path }) {
      const place = path.join('/');
      if (zodSchema === duration) {
        jsonSchema.pattern = '^(\\d+(ms|[smhd]))+$';
        jsonSchema.description = 'a duration like 90s, 10m, 1h30m or 24h';
      }
      // What the schemas check in code and JSON Schema can say too.
      if (place === 'properties/on') Object.assign(jsonSchema, { minProperties: 1, maxProperties: 1 });
      if (place.endsWith('/properties/steps')) jsonSchema.items = stepSchema();
    },
  });
}

/** A step is one word with its parameters. */
function stepSchema() {
  return {
    oneOf: [...stepSchemas].map(([kind, schema]) => {
      const parameters = Object.fromEntries(Object.entries(inputSchema(schema)).filter(([key]) => key !== '$schema'));
      return {
        type: 'object' as const,
        properties: { [kind]: parameters },
        required: [kind],
        additionalProperties: false,
      };
    }),
  };
}
