import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Parser } from 'tap-parser';
import { z } from 'zod';
import { FairwayError } from '../domain/errors.ts';
import { observeDetached, startDetached, stopDetached } from './detached-process.ts';
import { defineStep, type StepOutcome } from './step.ts';
import { providerOf, targetOf } from './target.ts';

/** Where tap is, and all that it needs: suites get it from us, wherever npm put us. */
const packages = dirname(dirname(createRequire(import.meta.url).resolve('tap/package.json')));

/** Runs every test file one after the other and keeps what each printed. */
const runAll = 'node=$1; shift; for file in "$@"; do "$node" "$file" >"$file.tap" 2>&1; echo $? >"$file.code"; done';

/** Runs the tests that the head brings (tap, `*.test.ts`) against the cluster; they get its kubeconfig and nothing else. */
export const suite = defineStep({
  kind: 'suite',
  schema: z.strictObject({ run: z.string().regex(/^(?!\/)(?!.*\.\.)[\w./-]+$/, 'name a folder of the repository') }),
  needs: ['git', 'registry', 'providers', 'workFolder', 'artifacts', 'conformanceTools'],
  deadline: 30 * 60_000,
  late: 'failed',
  async run({ run, stage, world, signal, log }, { run: path }) {
    const folder = join(await world.workFolder(run.id), `suite-${path.replaceAll('/', '-')}`);
    const state = await observeDetached(folder);
    if (state.state === 'running') return { outcome: 'running', progress: await progressOf(folder), retryAfter: 500 };
    if (state.state === 'killed') return { outcome: 'unknown', reason: 'the suite was ended before it could finish' };
    if (state.state === 'ended') return judge(run.id, folder, world.artifacts, log);

    const cluster = await targetOf(run, stage, world);
    const provider = providerOf(cluster, world.providers);
    const { kubectl } = await world.conformanceTools.prepare(log, signal);
    const tests = join(folder, 'tests');
    const from = join(await world.git.repository(run.repository).checkout(run.tree), path);
    await mkdir(folder, { recursive: true });
    await cp(from, tests, { recursive: true }).catch(() => {
      throw new FairwayError('refused', `the suite ${path}/ does not exist in the head`);
    });
    const files = await testFiles(tests);
    if (files.length === 0) return { outcome: 'unknown', reason: `there is no *.test.ts in ${path}/` };
    await symlink(packages, join(folder, 'node_modules')).catch(ignoreExisting);
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(kubeconfig, await provider.kubeconfig(cluster.local_id), { mode: 0o600 });
    const environment = {
      PATH: `${dirname(process.execPath)}:${dirname(kubectl)}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
      HOME: folder,
      KUBECONFIG: kubeconfig,
      FAIRWAY_CLUSTER: cluster.id,
      FAIRWAY_POWERS: JSON.stringify(await provider.powers(cluster.local_id)),
    };
    await startDetached(folder, ['sh', '-c', runAll, 'suite', process.execPath, ...files], environment);
    return { outcome: 'running', progress: `${files.length} test files`, retryAfter: 500 };
  },
  async stop({ run, world }) {
    const work = await world.workFolder(run.id);
    for (const name of await readdir(work)) if (name.startsWith('suite-')) await stopDetached(join(work, name), 2_000);
  },
});

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

async function testFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .map((name) => join(folder, name));
}

async function progressOf(folder: string): Promise<string> {
  const names = await readdir(join(folder, 'tests'), { recursive: true });
  const of = (ending: string): number => names.filter((name) => name.endsWith(ending)).length;
  return `${of('.test.ts.code')} of ${of('.test.ts')} test files done`;
}

async function judge(
  runId: string,
  folder: string,
  artifacts: { put(runId: string, name: string, content: string): Promise<void> },
  log: (text: string) => void,
): Promise<StepOutcome> {
  const leftOut: string[] = [];
  const counts = { passed: 0, failed: 0, skipped: 0, leftOut };
  const reasons: string[] = [];
  let report = '';
  for (const file of await testFiles(join(folder, 'tests'))) {
    const text = await readFile(`${file}.tap`, 'utf8').catch(() => '');
    const name = file.slice(join(folder, 'tests').length + 1);
    report += `# ${name}\n${text}\n`;
    const failures: string[] = [];
    const results = await new Promise<{ pass: number; fail: number; skip: number; ok: boolean }>((resolve) => {
      const parser = new Parser((final) =>
        resolve({ pass: final.pass, fail: final.fail, skip: final.skip, ok: final.ok }),
      );
      parser.on('assert', (assertion) => {
        if (assertion.skip) leftOut.push([assertion.name, assertion.skip].filter((part) => part !== true).join(': '));
        if (!assertion.ok && !assertion.skip && !assertion.todo) failures.push(assertion.fullname || assertion.name);
      });
      parser.end(text);
    });
    const code = (await readFile(`${file}.code`, 'utf8').catch(() => '?')).trim();
    // What was skipped counts as passed in TAP, and must not make a suite green.
    counts.passed += results.pass - results.skip;
    counts.failed += results.fail;
    counts.skipped += results.skip;
    if (results.fail === 0 && (code !== '0' || !results.ok)) counts.failed++;
    if (code !== '0' || !results.ok)
      reasons.push(
        `${name}: ${failures.join(', ') || text.trim().split('\n').slice(-3).join(' ') || 'printed nothing'}`,
      );
    log(`${name}: ${results.pass} passed, ${results.fail} failed, ${results.skip} skipped`);
  }
  await artifacts.put(runId, 'suite.tap', report);
  if (counts.failed > 0) return { outcome: 'failed', reason: reasons.join('\n'), output: counts };
  if (counts.passed === 0) return { outcome: 'unknown', reason: 'no test gave a result', output: counts };
  return { outcome: 'succeeded', summary: `${counts.passed} passed, ${counts.skipped} skipped`, output: counts };
}
