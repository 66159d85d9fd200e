import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { noFacts } from '../src/adapters/facts/no-facts.ts';
import { type Cluster, cluster as clusterSchema } from '../src/domain/cluster.ts';
import { clusterValue } from '../src/render/cluster-value.ts';
import { valuesMap } from '../src/render/network-values.ts';
import { readManifests } from '../src/render/read-manifests.ts';
import { ChannelRenderer } from '../src/render/render-cluster.ts';
import { loadSource } from '../src/render/source-folder.ts';
import { textOf } from '../src/render/template/byte-string.ts';
import { executeTemplate, parseTemplate } from '../src/render/template/template.ts';
import { TemplateCache } from '../src/render/template/template-cache.ts';
import { templateData } from '../src/render/template-data.ts';
import { templateFunctions } from '../src/render/template-functions.ts';
import { syntheticRepository, writeRepository } from './synthetic-repository.ts';

/** What the synthetic repository's defaults come to. */
const configItems = {
  ...Object.fromEntries([...Array(300).keys()].map((index) => [`item_${index}`, `value-${index}`])),
  replicas: '2',
  feature: 'true',
  list: 'a,b,c',
};

/** `npm run bench`: how fast a config repository is rendered, against Go's text/template where Go is there. */
export async function benchRender(print: (line: string) => void = console.log): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-bench-'));
  try {
    const files = syntheticRepository();
    await writeRepository(directory, files);
    const cluster = benchCluster(0);
    const { signal } = new AbortController();
    const input = { cluster, facts: noFacts(cluster.id), signal };

    const cold = await time(async () =>
      (await ChannelRenderer.open([{ name: 'main', directory }], signal)).render(input),
    );
    const refusal = cold.result.refusals[0];
    if (refusal !== undefined) throw new Error(`${refusal.file}: ${refusal.message}`);
    const bytes = [...cold.result.files.values()].reduce((sum, text) => sum + text.length, 0);
    print(`${files.size - 1} manifests, ${(bytes / 1e6).toFixed(2)} MB rendered`);
    print(line('text and YAML, cold, files read', cold.milliseconds, bytes));

    const text = await textOnly(directory, cluster, signal);
    print(line('text only, cold', text.cold, text.bytes));
    print(line('text only, warm', text.warm, text.bytes));
    const renderer = await ChannelRenderer.open([{ name: 'main', directory }], signal);
    let round = 1000;
    const warm = await best(10, () => renderer.render({ ...input, cluster: benchCluster(round++) }));
    print(line('text and YAML, warm', warm, bytes));
    print(line('the same cluster again', await best(10, () => renderer.render(input)), bytes));
    const yaml = await best(10, async () => {
      for (const [path, output] of cold.result.files)
        if (path.startsWith('manifests/')) readManifests(path, textOf(output));
    });
    print(line('YAML only, warm', yaml, bytes));

    await benchChannel(renderer, signal, bytes, print);
    await compareWithGo(directory, files, cluster, text.warm, print);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function textOnly(directory: string, cluster: Cluster, signal: AbortSignal) {
  const source = await loadSource({ name: 'main', directory }, signal);
  const completed = { ...cluster, config_items: configItems };
  const functions = templateFunctions;
  const dot = templateData(
    clusterValue({ cluster: completed, oidcProvider: '', trustTemplate: '', accountClusters: [] }),
    valuesMap(new Map()),
    undefined,
  );
  const manifests = source.components.flatMap((component) => (component.kind === 'templates' ? component.files : []));
  let bytes = 0;
  const run = (templates: TemplateCache | undefined) => {
    bytes = 0;
    for (const file of manifests) {
      if (!('bytes' in file)) continue;
      const template = templates?.parse(file.path, file.bytes) ?? parseTemplate(file.path, file.bytes, functions);
      bytes += executeTemplate(template, dot, functions).length;
    }
  };
  const cold = (await time(async () => run(undefined))).milliseconds;
  const templates = new TemplateCache(functions);
  run(templates);
  return { cold, warm: await best(20, async () => run(templates)), bytes };
}

async function benchChannel(
  renderer: ChannelRenderer,
  signal: AbortSignal,
  bytes: number,
  print: (line: string) => void,
) {
  const clusters = Array.from({ length: 200 }, (_, index) => benchCluster(index));
  const before = process.memoryUsage().rss;
  const { milliseconds } = await time(async () => {
    for (const cluster of clusters) {
      await renderer.render({ cluster, listed: clusters, facts: noFacts(cluster.id), signal });
    }
  });
  print(line('200 clusters of one channel', milliseconds, bytes * clusters.length));
  const megabytes = (value: number) => `${Math.round(value / 1e6)} MB`;
  print(
    `memory: ${megabytes(process.memoryUsage().rss)} resident, ${megabytes(Math.max(0, process.memoryUsage().rss - before))} more than before`,
  );
}

async function compareWithGo(
  directory: string,
  files: ReadonlyMap<string, string>,
  cluster: Cluster,
  ours: number,
  print: (line: string) => void,
): Promise<void> {
  const manifests = [...files].filter(([path]) => path.includes('/manifests/'));
  const data = {
    Cluster: {
      ID: cluster.id,
      Alias: cluster.alias,
      Environment: cluster.environment,
      Region: cluster.region,
      CriticalityLevel: cluster.criticality_level,
      ConfigItems: configItems,
      NodePools: cluster.node_pools.map(({ name, profile }) => ({ Name: name, Profile: profile })),
    },
    Values: {},
  };
  const input = join(directory, 'go-input.json');
  await writeFile(input, JSON.stringify({ files: Object.fromEntries(manifests), data }));
  const program = new URL('./go-templates/', import.meta.url).pathname;
  const run = await execa('go', ['run', '.', input], { cwd: program, reject: false, timeout: 120_000 });
  if (run.exitCode !== 0) {
    print('Go is not here: no comparison');
    return;
  }
  const { milliseconds, bytes }: { milliseconds: number; bytes: number } = JSON.parse(run.stdout);
  print(line('Go’s text/template, parsed and executed', milliseconds, bytes));
  print(`ratio to Go, text only, warm: ${(ours / milliseconds).toFixed(2)}`);
}

function benchCluster(index: number): Cluster {
  return clusterSchema.parse({
    id: `local:cluster-${index}`,
    alias: `cluster-${index}`,
    local_id: `cluster-${index}`,
    api_server_url: 'https://127.0.0.1:6443',
    channel: 'dev',
    provider: 'local',
    node_pools: [
      { name: 'master', profile: 'master' },
      { name: 'default', profile: 'worker' },
    ],
  });
}

async function time<T>(run: () => Promise<T>): Promise<{ milliseconds: number; result: T }> {
  const start = performance.now();
  const result = await run();
  return { milliseconds: performance.now() - start, result };
}

async function best(rounds: number, run: () => Promise<unknown>): Promise<number> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) shortest = Math.min(shortest, (await time(run)).milliseconds);
  return shortest;
}

function line(what: string, milliseconds: number, bytes: number): string {
  const speed = bytes / 1e3 / milliseconds;
  return `${what.padEnd(42)} ${milliseconds.toFixed(1).padStart(9)} ms  ${speed.toFixed(1).padStart(7)} MB/s`;
}

if (import.meta.main) await benchRender();
