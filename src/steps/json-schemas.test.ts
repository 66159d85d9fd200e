import { readFile } from 'node:fs/promises';
import t from 'tap';
import { parse } from 'yaml';
import { z } from 'zod';
import { jsonSchemas } from './json-schemas.ts';

async function readText(path: string): Promise<string> {
  return readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
}

t.test('the schemas that are published are those of the program', async (t) => {
  for (const [name, schema] of Object.entries(jsonSchemas())) {
    t.strictSame(
      JSON.parse(await readText(`schemas/${name}`)),
      schema,
      `schemas/${name}; if not: node bin/node24.js scripts/schemas.ts && npx biome format --write schemas`,
    );
  }
});

t.test('editors that know JSON Schema only judge as the program does', async (t) => {
  const { 'pipeline.schema.json': pipeline, 'channel.schema.json': channel } = jsonSchemas();
  const judges = { pipeline: z.fromJSONSchema({ ...pipeline }), channel: z.fromJSONSchema({ ...channel }) };
  for (const name of ['pull-request', 'rollout', 'promotion'])
    t.ok(judges.pipeline.safeParse(parse(await readText(`pipelines/${name}.yaml`))).success, name);
  for (const name of ['dev', 'alpha', 'stable'])
    t.ok(judges.channel.safeParse(parse(await readText(`channels/${name}.yaml`))).success, name);

  const stages = (step: string) => parse(`{pipeline: p, on: {push: {}}, stages: [{stage: s, steps: [${step}]}]}`);
  t.ok(judges.pipeline.safeParse(stages('{soak: {for: 1h30m}}')).success);
  for (const wrong of ['{sok: {}}', '{soak: {for: soon}}', '{apply: {}, diff: {}}', '{apply: {revision: main}}'])
    t.notOk(judges.pipeline.safeParse(stages(wrong)).success, wrong);
  t.notOk(judges.channel.safeParse({ channel: 'dev' }).success, 'a channel without a branch');
});
