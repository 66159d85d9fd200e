import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { createArtifactFolder } from '../adapters/artifacts/artifact-folder.ts';
import { sampleRun, sampleStage } from '../api/testing/sample-run.ts';
import { cluster } from '../domain/cluster.ts';
import type { Json } from '../domain/json.ts';
import type { StepContext } from './step.ts';
import { suite } from './suite.ts';
import { worldOf } from './testing/world-of.ts';
import type { World } from './world.ts';

t.setTimeout(300_000);

const shop = cluster.parse({
  id: 'shop',
  alias: 'shop',
  local_id: 'shop',
  api_server_url: '',
  channel: 'dev',
  provider: 'local',
});

/** Runs a suite of these files to its end. */
async function outcomeOf(t: Test, files: Record<string, string>) {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-suite-'));
  const tree = join(directory, 'tree');
  await mkdir(join(tree, 'e2e'), { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(tree, 'e2e', name), content);
  const artifacts = createArtifactFolder(join(directory, 'artifacts'));
  const workFolder = join(directory, 'work');
  await mkdir(workFolder);
  const world = worldOf({
    artifacts,
    registry: { get: async () => shop },
    provider: {
      kubeconfig: async () => 'k',
      powers: async () => ({ realNodes: false, loadBalancers: false, severalNodes: false, missing: [] }),
    },
    git: { repository: () => ({ checkout: async () => tree }) } as unknown as World['git'],
    conformanceTools: {
      prepare: async () => ({ e2eTest: '/bin/e2e', ginkgo: '/bin/ginkgo', kubectl: '/bin/kubectl' }),
    },
    workFolder: async () => workFolder,
  });
  const log: string[] = [];
  const stage = { ...sampleStage('e2e', 'running', []), cluster: 'shop' };
  const context = (memo: Json): StepContext<keyof World> => ({
    run: sampleRun('r1'),
    stage,
    memo,
    world,
    startedAt: Date.now(),
    signal: AbortSignal.timeout(280_000),
    log: (line) => void log.push(line),
  });
  t.teardown(async () => {
    await suite.stop(context(null));
    await rm(directory, { recursive: true, force: true });
  });
  let outcome = await suite.run(context(null), { run: 'e2e' });
  while (outcome.outcome === 'running') {
    await sleep(50);
    outcome = await suite.run(context(outcome.memo ?? null), { run: 'e2e' });
  }
  const report = await artifacts.open('r1', 'suite.tap');
  return {
    outcome,
    log,
    report: report === undefined ? '' : await text(report.stream),
    folder: join(workFolder, 'suite-e2e'),
  };
}

const flood = (line: string, megabytes: number): string =>
  `const block = ${JSON.stringify(line)}.repeat(Math.ceil(1e6 / ${line.length}));\nfor (let n = 0; n < ${megabytes}; n++) process.stdout.write(block);\n`;

t.test('results are counted, and what failed is named', async (t) => {
  const passes = 'console.log("TAP version 14\\nok 1 - a\\n# \\0\\u001b[2J\\nok 2 - b # SKIP no nodes\\n1..2");';
  const good = await outcomeOf(t, { 'a.test.ts': passes });
  t.match(good.outcome, { outcome: 'succeeded', summary: '1 passed, 1 skipped', output: { leftOut: ['b: no nodes'] } });
  const bad = await outcomeOf(t, {
    'a.test.ts': passes,
    'b.test.ts':
      'console.log("ok 1 - a\\nnot ok 2 - it answers\\n  ---\\n  found: 1\\n  ...\\n1..2"); process.exitCode = 1;',
    'c.test.ts': 'throw new Error("broken")',
  });
  t.match(bad.outcome, {
    outcome: 'failed',
    reason: /^b\.test\.ts: it answers\nc\.test\.ts: /,
    output: { passed: 2, failed: 2 },
  });
  t.match(bad.report, '# b.test.ts\nok 1 - a\nnot ok 2 - it answers');
});

t.test('output without end is cut and said, its program is not held up, and the suite is not green', async (t) => {
  const late = '\nconsole.log("1..1");\n';
  for (const line of ['ok 1 - a\n', 'x', '# noise\n']) {
    const { outcome, report, folder } = await outcomeOf(t, {
      'a.test.ts': `console.log("ok 1 - first");\n${flood(line, 60)}${late}`,
      'b.test.ts': 'console.log("ok 1 - a\\n1..1")',
    });
    t.match(
      outcome,
      { outcome: 'unknown', reason: /a\.test\.ts: its output was cut: 16 MB of a suite's are kept/ },
      line,
    );
    t.equal(await readFile(join(folder, 'tests', 'a.test.ts.code'), 'utf8'), '0\n', 'it came to its end');
    t.ok((await stat(join(folder, 'tests', 'a.test.ts.tap'))).size <= 16 * 1024 * 1024);
    t.ok(report.length < 17 * 1024 * 1024);
    t.match(report.slice(-500), '# a.test.ts: its output was cut');
  }
});

t.test('a suite whose output was cut has failed if it says so by its exit code', async (t) => {
  const { outcome } = await outcomeOf(t, { 'a.test.ts': `${flood('# noise\n', 20)}process.exitCode = 1;` });
  t.match(outcome, { outcome: 'failed', reason: /its output was cut/ });
});

t.test('more results than are read are said, and long names are cut', async (t) => {
  const many =
    'let all = ""; for (let n = 1; n <= 60_000; n++) all += "ok " + n + "\\n"; console.log(all + "1..60000");';
  t.match((await outcomeOf(t, { 'a.test.ts': many })).outcome, { outcome: 'unknown', reason: /50,000 results read/ });
  const long = 'console.log("not ok 1 - " + "y".repeat(1e6) + "\\n1..1"); process.exitCode = 1;';
  const { outcome } = await outcomeOf(t, { 'a.test.ts': long });
  t.equal(outcome.outcome, 'failed');
  t.ok(JSON.stringify(outcome).length < 2_000);
});

t.test('what a test leaves running does not hold the suite up', async (t) => {
  const { outcome } = await outcomeOf(t, {
    'a.test.ts':
      'import { spawn } from "node:child_process"; spawn("sleep", ["200"], { stdio: "inherit" }).unref(); console.log("ok 1 - a\\n1..1"); process.exit(0);',
  });
  t.match(outcome, { outcome: 'succeeded' });
});

t.test('a suite that fills the disk is ended', async (t) => {
  const fill =
    'import { execFileSync } from "node:child_process"; execFileSync("fallocate", ["-l", "2200M", process.env.TMPDIR + "/big"]); setInterval(() => {}, 1_000);';
  const { outcome } = await outcomeOf(t, { 'a.test.ts': fill });
  t.match(outcome, {
    outcome: 'failed',
    reason: 'the suite was ended: it has written more than the 2048 MB that it may',
  });
});
