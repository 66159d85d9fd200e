import { readFileSync } from 'node:fs';
import t from 'tap';
import { z } from 'zod';
import { cluster } from '../domain/cluster.ts';
import { clusterValue } from './cluster-value.ts';
import { clmFunctions } from './functions/clm-functions.ts';
import { SiblingTexts } from './functions/sibling-texts.ts';
import { instanceValue } from './instance.ts';
import { nodePoolValue } from './node-pool-value.ts';
import { bytesOf, textOf } from './template/byte-string.ts';
import { FLOAT32, INT, INT64, mapOf, STRING } from './template/go-type.ts';
import { anyMap, anySlice, GoMap, Named, stringMap, stringSlice, type Value } from './template/go-value.ts';
import { executeTemplate, parseTemplate } from './template/template.ts';
import { CallError } from './template/template-error.ts';
import { templateData } from './template-data.ts';

const vectors = z
  .object({
    data: z.object({
      cluster: z.record(z.string(), z.unknown()),
      node_pool: z.record(z.string(), z.unknown()),
      values: z.record(z.string(), z.unknown()),
    }),
    templates: z.array(
      z.object({
        name: z.string(),
        template: z.string(),
        output: z.string().optional(),
        error: z.string().optional(),
        siblings: z.record(z.string(), z.string()).optional(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('fixtures/template-vectors.json', import.meta.url), 'utf8')));

const instanceTypes = new Map(
  ['m5.large', 'm5.xlarge'].map((name, index) => {
    const size = index + 1;
    const facts = { name, vcpu: 2 * size, memoryMiB: 8192 * size, architecture: 'amd64', disks: 0, diskSizeGB: 0 };
    return [name, instanceValue(facts)] as const;
  }),
);

const images: Readonly<Record<string, string>> = {
  'image-a': 'ami-398b1f321e51fbc08',
  'image-b': 'ami-c8b27e27926d84996',
};

const wire = cluster.parse({
  ...vectors.data.cluster,
  node_pools: z.array(z.record(z.string(), z.unknown())).parse(vectors.data.cluster.node_pools).map(withLists),
  status: { current_version: 'cur' },
});
const { OIDCProvider: oidcProvider, IAMRoleTrustRelationshipTemplate: trustTemplate } = z
  .object({ OIDCProvider: z.string(), IAMRoleTrustRelationshipTemplate: z.string() })
  .parse(vectors.data.cluster);

function withLists(pool: Record<string, unknown>): Record<string, unknown> {
  return { ...pool, instance_types: pool.instance_types ?? [] };
}

/** Values whose Go types the vectors' note tells, because JSON doesn't. */
const typedValues: Readonly<Record<string, Value>> = {
  i: new Named(INT64, 42n),
  u: new Named(INT64, 7n),
  neg: new Named(INT64, -5n),
  zero: 0n,
  f32: new Named(FLOAT32, 1.5),
  map: stringMap([
    ['a', '1'],
    ['b', '2'],
    ['c', '3'],
  ]),
  subnets: stringMap([
    ['*', 'a,b'],
    ['eu-central-1a', 'a'],
    ['eu-central-1b', 'b'],
  ]),
  list: stringSlice(['a', 'b', 'c']),
  strs: stringSlice(['x', 'y', 'z']),
  ilist: anySlice([1n, 'two', 3, undefined, true]),
  truthy: anySlice([
    ...[undefined, false, true, 0n, 1n, -1n, 0, 0.1, '', '0', 'false'],
    ...[stringSlice([]), stringSlice(['']), anyMap([]), anyMap([['a', '']])],
  ]),
  inst: instanceTypes.get('m5.large'),
  zeroinst: instanceValue({ name: '', vcpu: 0, memoryMiB: 0, architecture: '', disks: 0, diskSizeGB: 0 }),
  intmap: new GoMap(
    mapOf(INT, STRING),
    new Map([
      [10n, 'ten'],
      [9n, 'nine'],
    ]),
  ),
};

const floats = new Set(['f', 'big', 'small', 'wholefloat', 'e6', 'e20', 'e21']);

function toValue(json: unknown, isFloat = false): Value {
  if (typeof json === 'number') return Number.isInteger(json) && !isFloat ? BigInt(json) : json;
  if (typeof json === 'string') return bytesOf(json);
  if (typeof json === 'boolean') return json;
  if (Array.isArray(json)) return anySlice(json.map((item: unknown) => toValue(item)));
  if (json === null || typeof json !== 'object') return undefined;
  return anyMap(Object.entries(json).map(([key, value]) => [bytesOf(key), toValue(value)]));
}

const values = anyMap([
  ...Object.entries(vectors.data.values).map(([key, value]) => [key, toValue(value, floats.has(key))] as const),
  ...Object.entries(typedValues),
]);
const view = { cluster: wire, oidcProvider, trustTemplate, accountClusters: [] };
const nodePool = wire.node_pools.find((pool) => pool.name === 'pool-a');
const dot = templateData(clusterValue(view), values, nodePool === undefined ? undefined : nodePoolValue(nodePool));

const folder = 'main/cluster/manifests/x/';

/** The vectors' names are those in their component. */
function render(template: string, siblings: Readonly<Record<string, string>> = {}): string {
  const sources = new Map([...Object.entries(siblings), [`${folder}probe.yaml`, template]]);
  const texts = new SiblingTexts(new Set(sources.keys()), (file, siblingText) => {
    const functions = clmFunctions({
      instanceTypes,
      imageId: (name) => images[name] ?? refuseImage(name),
      siblingText,
    });
    return executeTemplate(parseTemplate(file, bytesOf(sources.get(file) ?? ''), functions), dot, functions);
  });
  return textOf(texts.text(`${folder}probe.yaml`));
}

function refuseImage(name: string): never {
  throw new CallError(`no image found with name: ${name} and owner: 123`);
}

for (const vector of vectors.templates) {
  t.test(`${vector.name}: ${vector.template.slice(0, 60)}`, async (t) => {
    if (vector.error === undefined) {
      t.equal(render(vector.template, vector.siblings), vector.output);
      return;
    }
    const error: unknown = await Promise.resolve()
      .then(() => render(vector.template, vector.siblings))
      .catch((thrown: unknown) => thrown);
    t.ok(error instanceof Error, `refused, not ${String(error)}`);
    if (error instanceof Error) t.equal(error.message.replaceAll(folder, ''), vector.error);
  });
}
