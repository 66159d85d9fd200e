import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import type { z } from 'zod';
import { noFacts } from '../adapters/facts/no-facts.ts';
import { channel as channelSchema } from '../domain/channel.ts';
import { cluster as clusterSchema } from '../domain/cluster.ts';
import { formatProblem, parseConfigFile } from '../domain/config-file.ts';
import { pipelineSchema } from '../domain/pipeline.ts';
import { renderCluster } from '../render/render-cluster.ts';
import { stepSchemas } from '../steps/registry.ts';
import { writeConfigRepository } from './init.ts';

async function emptyFolder(t: Test): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-init-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function checkFiles<T>(t: Test, folder: string, schema: z.ZodType<T>): Promise<void> {
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), 'utf8');
    const parsed = parseConfigFile(name, text, schema);
    t.strictSame(parsed.outcome === 'invalid' ? parsed.problems.map(formatProblem) : [], [], `${name} is valid`);
    const named = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text)?.[1] ?? 'none';
    t.ok(JSON.parse(await readFile(join(folder, named), 'utf8')), `${name} names its schema`);
  }
}

t.test('what it writes is complete and valid', async (t) => {
  const directory = join(await emptyFolder(t), 'config');
  await writeConfigRepository(directory);
  t.strictSame((await readdir(directory)).sort(), ['channels', 'cluster', 'e2e', 'pipelines', 'schemas']);
  t.strictSame((await readdir(join(directory, 'channels'))).sort(), ['alpha.yaml', 'dev.yaml', 'stable.yaml']);

  await checkFiles(t, join(directory, 'channels'), channelSchema);
  await checkFiles(t, join(directory, 'pipelines'), pipelineSchema(stepSchemas));
});

t.test('a cluster renders from it, and what the registry says of the cluster counts', async (t) => {
  const directory = await emptyFolder(t);
  await writeConfigRepository(directory);
  const cluster = clusterSchema.parse({
    id: 'local:one',
    alias: 'one',
    local_id: 'one',
    api_server_url: 'https://one.example.org',
    channel: 'dev',
    provider: 'local',
    config_items: { sample_application_replicas: '3' },
  });
  const { refusals, components, deletions } = await renderCluster({
    cluster,
    facts: noFacts(cluster.id),
    signal: AbortSignal.timeout(30_000),
    sources: [{ name: 'main', directory: join(directory, 'cluster') }],
  });
  t.strictSame(refusals, []);
  t.strictSame(
    components.map(({ name }) => name),
    ['limits', 'rbac', 'sample-application'],
  );
  const objects = components.flatMap(({ manifests }) => manifests.map(({ object }) => object));
  const deployment = objects.find(({ kind }) => kind === 'Deployment');
  t.match(deployment, { spec: { replicas: 3 }, metadata: { labels: { version: '1.0.0' } } });
  t.equal(deletions.postApply.length, 1);
});

t.test('a repository that git has just made counts as empty', async (t) => {
  const directory = await emptyFolder(t);
  await mkdir(join(directory, '.git'));
  await writeConfigRepository(directory);
  t.ok((await readdir(directory)).includes('channels'));
});

t.test('nothing is written over', async (t) => {
  const directory = await emptyFolder(t);
  for (const name of ['a', 'b', 'c', 'd']) await writeFile(join(directory, name), '');
  const program = `import { initCommand } from '${new URL('./init.ts', import.meta.url)}';
    import { reportError } from '${new URL('./exit-code.ts', import.meta.url)}';
    await initCommand().parseAsync(process.argv.slice(1), { from: 'user' }).catch((error) => (process.exitCode = reportError(error)));`;
  const run = await execa(process.execPath, ['--input-type=module', '-e', program, '--', directory], { reject: false });
  t.equal(run.exitCode, 2);
  t.equal(run.stderr, `fairway: ${directory} is not empty, it has a, b, c, …; name a new or empty folder`);
  t.strictSame((await readdir(directory)).sort(), ['a', 'b', 'c', 'd']);
  await t.rejects(writeConfigRepository(join(directory, 'a')), {
    kind: 'refused',
    message: /name a new or empty folder/,
  });
});
