// Writes schemas/*.schema.json, by which editors check channel and pipeline files: node bin/node24.js scripts/schemas.ts
import { writeFile } from 'node:fs/promises';
import { jsonSchemas } from '../src/steps/json-schemas.ts';

for (const [name, schema] of Object.entries(jsonSchemas())) {
  await writeFile(new URL(`../schemas/${name}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
}
