import { readFileSync } from 'node:fs';
import t from 'tap';
import { z } from 'zod';
import type { Json } from '../../domain/json.ts';
import { describeYaml } from '../fuzz/yaml-differential.ts';
import { readManifests } from '../read-manifests.ts';
import { YamlError } from './error.ts';
import { maxYamlLength, parseYaml } from './parser.ts';
import { readStringMap } from './string-map.ts';
import { decodeYaml, toJson } from './value.ts';

function readFixture<T>(name: string, schema: z.ZodType<T>): T {
  return schema.parse(JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')));
}

function readDocuments(text: string): Json[] {
  return [...parseYaml(text)].map((document) => toJson(decodeYaml(text, document)));
}

const clmVector = z.object({
  name: z.string(),
  yaml: z.string(),
  flat: z.record(z.string(), z.string()).optional(),
  output: z.string().optional(),
  error: z.string().optional(),
});

t.test('reads what CLM reads', async (t) => {
  const { yaml: vectors } = readFixture('template-vectors.json', z.object({ yaml: z.array(clmVector) }));
  for (const [index, { name, yaml, flat, output, error }] of vectors.entries()) {
    const title = `${index + 1} ${name}`;
    const read = name.startsWith('flat')
      ? () => Object.fromEntries(readStringMap(yaml))
      : () => readManifests('x.yaml', yaml).map((manifest) => manifest.object);
    if (error !== undefined) t.throws(read, { message: error }, title);
    else if (output === undefined) t.strictSame(read(), flat ?? {}, title);
    else t.strictSame(read(), output === '' ? [] : readDocuments(output), title);
  }
});

/** Written by Go's yaml.v2 for generated texts; maps as `{m: [[key as JSON, value], …]}`. */
const goVector = z.object({ yaml: z.string(), error: z.string().optional(), values: z.array(z.json()).optional() });

t.test('reads and refuses what yaml.v2 of Go does, in its words', async (t) => {
  for (const [index, { yaml, error, values }] of readFixture('yaml-vectors.json', z.array(goVector)).entries()) {
    const decoded = () => parseYaml(yaml).map((document) => decodeYaml(yaml, document));
    const read = () => [
      ...decoded()
        .filter((value) => value !== null)
        .map(describeYaml),
    ];
    const title = `${index + 1} ${JSON.stringify(yaml).replaceAll(/[^ -~]/g, '?')}`;
    if (error !== undefined) t.throws(read, { message: error }, title);
    else t.strictSame(read(), values, title);
  }
});

/** Written by Go's yaml.v2, too. */
const goStrings = z.object({
  yaml: z.string(),
  error: z.string().optional(),
  strings: z.record(z.string(), z.string()).optional(),
});

t.test('reads texts into maps of strings, or refuses them, as yaml.v2 does', async (t) => {
  const vectors = readFixture('yaml-string-vectors.json', z.array(goStrings));
  for (const { yaml, error, strings } of vectors) {
    const read = () => Object.fromEntries(readStringMap(yaml));
    if (error !== undefined) t.throws(read, { message: error }, JSON.stringify(yaml));
    else t.strictSame(read(), strings, JSON.stringify(yaml));
  }
});

t.test('keys that JavaScript would take for its own stay keys', async (t) => {
  const [document] = readDocuments('__proto__: {polluted: true}\nconstructor: 1\n');
  t.same(Object.keys(document ?? {}), ['__proto__', 'constructor']);
  t.notOk('polluted' in {});
});

t.test('integers too large for a double are refused, not rounded', async (t) => {
  t.throws(() => readDocuments('a: 9007199254740993'), {
    message: 'the integer 9007199254740993 is too large to be kept exactly; quote it, or use one within ±2^53',
  });
  t.strictSame(readDocuments('a: "9007199254740993"'), [{ a: '9007199254740993' }]);
});

t.test('hostile texts end in an error', async (t) => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
  for (const [name, before] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf', 'hg', 'ih'].map((pair) => [...pair])) {
    bomb.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(',')}]`);
  }
  const merges = ['a: &a {x: 1}'];
  for (const [name, before] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf', 'hg'].map((pair) => [...pair])) {
    merges.push(`${name}: &${name} {<<: [${Array(10).fill(`*${before}`).join(',')}]}`);
  }
  const mergesAtTop = `${merges.join('\n')}\n<<: *h\n`;
  t.throws(() => readDocuments(bomb.join('\n')), { message: 'yaml: document contains excessive aliasing' });
  t.throws(() => readDocuments(merges.join('\n')), { message: 'yaml: document contains excessive aliasing' });
  t.throws(() => readStringMap(mergesAtTop), { message: 'yaml: document contains excessive aliasing' });
  t.throws(() => readStringMap('<<: &a {<<: *a}'), { message: /contains itself/ });
  for (const nested of ['['.repeat(10_000), '{a: '.repeat(10_000), '- '.repeat(10_000)]) {
    t.throws(() => readDocuments(nested), { message: /exceeded max depth of 1000/ }, nested.slice(0, 4));
  }
  t.throws(() => readDocuments('a\n'.repeat(maxYamlLength)), {
    message: `yaml: the text has ${2 * maxYamlLength} characters, the limit is ${maxYamlLength}`,
  });
  t.throws(() => readDocuments('a: b\0c'), { message: 'yaml: control characters are not allowed' });
});

t.test('a refusal knows its line and column', async (t) => {
  const place = (text: string) => {
    try {
      readManifests('x.yaml', text);
    } catch (error) {
      if (error instanceof YamlError) return [error.line, error.column];
    }
    return undefined;
  };
  t.strictSame(place('a: b\nc:\n\td: e\n'), [3, 1]);
  t.strictSame(place('a: 1\n---\nkind: A\n'), [1, 1]);
  t.strictSame(place('apiVersion: v1\nkind: A\nmetadata: {name: a}\n---\nkind: B\n'), [5, 1]);
});
