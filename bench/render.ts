import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { noFacts } from '../src/adapters/facts/no-facts.ts';
import { type Cluster, cluster as clusterSchema } from '../src/domain/cluster.ts';
import { clusterValue } from '../src/render/cluster-value.ts';
import { valuesMap } from '../src/render/network-values.ts';
import { readManifests } from '../src/render/read-manifests.ts';
import { ChannelRenderer } from '../src/render/render-cluster.ts';
import { loadSource } from '../src/render/source-folder.ts';
import { type ByteString, textOf } from '../src/render/template/byte-string.ts';
import { executeTemplate, parseTemplate, type Template } from '../src/render/template/template.ts';
import { TemplateCache } from '../src/render/template/template-cache.ts';
import { templateData } from '../src/render/template-data.ts';
import { templateFunctions } from '../src/render/template-functions.ts';
import { goTemplates, goYaml } from './go-engine.ts';
import { syntheticRepository, writeRepository } from './synthetic-repository.ts';

/** What the synthetic repository's defaults come to. */
const configItems = {
  ...Object.fromEntries([...Array(300).keys()].map((index) => [`item_${index}`, `value-${index}`])),
  replicas: '2',
  feature: 'true',
  list: 'a,b,c',
};

/** `npm run bench -- render`: how fast a config repository is rendered, beside Go's text/template and yaml.v2 where Go is there. */
export async function benchRender(print: (line: string) => void = console.log): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-bench-'));
  try {
    const files = syntheticRepository();
    await writeRepository(directory, files);
    const { signal } = new AbortController();
    const outputs = await benchCold(directory, signal, print);
    const bytes = [...outputs.values()].reduce((sum, text) => sum + text.length, 0);
    print(`${files.size - 1} manifests, ${(bytes / 1e6).toFixed(2)} MB rendered`);
    const text = await benchText(directory, signal, print);

    const renderer = await ChannelRenderer.open([{ name: 'main', directory }], signal);
    let round = 1000;
    const another = () => {
      const cluster = benchCluster(round++);
      return { cluster, facts: noFacts(cluster.id), signal };
    };
    const whole = await best(10, () => renderer.render(another()));
    print(line('text and YAML, warm, another cluster', whole, bytes));
    const same = another();
    print(line('text and YAML, warm, the same again', await best(10, () => renderer.render(same)), bytes));
    const manifests = [...outputs].filter(([path]) => path.startsWith('manifests/'));
    const yaml = await best(10, async () => {
      for (const [path, output] of manifests) readManifests(path, textOf(output));
    });
    print(line('YAML only, warm', yaml, bytes));
    await benchChannel(renderer, signal, bytes, print);
    await compareWithGo(directory, { files, manifests }, { ...text, yaml, whole }, print);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** In a process of its own, and the first time in this one. */
async function benchCold(directory: string, signal: AbortSignal, print: (line: string) => void) {
  const cluster = benchCluster(0);
  const clusterFile = join(directory, 'cluster.json');
  await writeFile(clusterFile, JSON.stringify(cluster));
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const command = [main, 'render', '--source', directory, '--cluster', clusterFile];
  const cold = await time(async () =>
    (await ChannelRenderer.open([{ name: 'main', directory }], signal)).render({ cluster, facts: noFacts(''), signal }),
  );
  const refusal = cold.result.refusals[0];
  if (refusal !== undefined) throw new Error(`${refusal.file}: ${refusal.message}`);
  const bytes = [...cold.result.files.values()].reduce((sum, text) => sum + text.length, 0);
  print(
    line('fairway render, a process from start to end', await best(3, () => execa(process.execPath, command)), bytes),
  );
  print(line('text and YAML, cold, files read', cold.milliseconds, bytes));
  return cold.result.files;
}

async function benchText(directory: string, signal: AbortSignal, print: (line: string) => void) {
  const source = await loadSource({ name: 'main', directory }, signal);
  const functions = templateFunctions;
  const cluster = { ...benchCluster(0), config_items: configItems };
  const dot = templateData(
    clusterValue({ cluster, oidcProvider: '', trustTemplate: '', accountClusters: [] }),
    valuesMap(new Map()),
    undefined,
  );
  const files = source.components
    .flatMap((component) => (component.kind === 'templates' ? component.files : []))
    .filter((file) => 'bytes' in file);
  let bytes = 0;
  const run = (parse: (path: string, source: ByteString) => Template) => async () => {
    bytes = 0;
    for (const file of files) bytes += executeTemplate(parse(file.path, file.bytes), dot, functions).length;
  };
  const parseAnew = run((path, source) => parseTemplate(path, source, functions));
  const templates = new TemplateCache(functions);
  const parseOnce = run((path, source) => templates.parse(path, source));
  const first = await time(parseAnew);
  print(line('text only, cold', first.milliseconds, bytes));
  const parsedAndExecuted = await best(20, parseAnew);
  print(line('text only, warm, parsed and executed', parsedAndExecuted, bytes));
  await parseOnce();
  const executed = await best(20, parseOnce);
  print(line('text only, warm, executed', executed, bytes));
  return { parsedAndExecuted, executed };
}

async function benchChannel(
  renderer: ChannelRenderer,
  signal: AbortSignal,
  bytes: number,
  print: (line: string) => void,
) {
  const clusters = Array.from({ length: 200 }, (_, index) => benchCluster(index));
  const { milliseconds } = await time(async () => {
    for (const cluster of clusters) {
      await renderer.render({ cluster, listed: clusters, facts: noFacts(cluster.id), signal });
    }
  });
  print(line('200 clusters of one channel', milliseconds, bytes * clusters.length));
  print(`memory of this process: ${Math.round(process.resourceUsage().maxRSS / 1e3)} MB at most`);
}

async function compareWithGo(
  directory: string,
  { files, manifests }: { files: ReadonlyMap<string, string>; manifests: [path: string, output: ByteString][] },
  ours: { parsedAndExecuted: number; executed: number; yaml: number; whole: number },
  print: (line: string) => void,
): Promise<void> {
  const { id, alias, environment, region, criticality_level, node_pools } = benchCluster(0);
  const data = {
    Cluster: {
      ID: id,
      Alias: alias,
      Environment: environment,
      Region: region,
      CriticalityLevel: criticality_level,
      ConfigItems: configItems,
      NodePools: node_pools.map(({ name, profile }) => ({ Name: name, Profile: profile })),
    },
    Values: {},
  };
  const sources = Object.fromEntries([...files].filter(([path]) => path.includes('/manifests/')));
  const templates = await goTemplates(directory, sources, data);
  if (templates === undefined) {
    print('Go is not here: no comparison');
    return;
  }
  print(line('Go’s text/template, parsed and executed', templates.whole, templates.bytes));
  print(line('Go’s text/template, executed', templates.execution, templates.bytes));
  const yaml = await goYaml(directory, Object.fromEntries(manifests.map(([path, text]) => [path, textOf(text)])));
  if (yaml !== undefined) {
    print(line('Go’s yaml.v2, read', yaml.decode, templates.bytes));
    print(line('Go’s yaml.v2, read and written', yaml.roundTrip, templates.bytes));
  }
  const ratio = (what: string, mine: number, theirs: number) =>
    print(`ratio to Go, ${what}: ${(mine / theirs).toFixed(2)}`);
  ratio('text, parsed and executed', ours.parsedAndExecuted, templates.whole);
  ratio('text, executed', ours.executed, templates.execution);
  if (yaml === undefined) return;
  ratio('YAML, read', ours.yaml, yaml.decode);
  ratio('text and YAML', ours.whole, templates.execution + yaml.roundTrip);
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
