import { createReadStream, createWriteStream } from 'node:fs';
import { appendFile, cp, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { FairwayError } from '../domain/errors.ts';
import { oneLine } from '../domain/visible-text.ts';
import type { Artifacts } from '../ports/artifacts.ts';
import { boundedOutput } from './bounded-output.ts';
import { observeDetached, startDetached, stopDetached } from './detached-process.ts';
import { folderSize } from './folder-size.ts';
import { readTap, type TapReading } from './read-tap.ts';
import { defineStep, type StepOutcome } from './step.ts';
import { providerOf, targetOf } from './target.ts';

/** Where tap is, and all that it needs: suites get it from us, wherever npm put us. */
const packages = dirname(dirname(createRequire(import.meta.url).resolve('tap/package.json')));

const megabyte = 1024 * 1024;
/** What is kept of all that a suite prints. */
const mostOutput = 16 * megabyte;
/** What a suite may write into its folder, which is its home and its place for temporary files. */
const mostOnDisk = 2048 * megabyte;
const measureEvery = 5_000;

/** Runs every test file one after the other and keeps what each printed. */
const runAll = `${boundedOutput}
node=$1; left=$2; shift 2
for file in "$@"; do
  echo "$left" >"$file.most"
  bounded "$file.tap" "$left" "$node" "$file"
  echo $? >"$file.code"
  left=$((left - $(wc -c <"$file.tap")))
done`;

const measured = z.object({ measuredAt: z.number() }).catch({ measuredAt: 0 });

/** Runs the tests that the head brings (tap, `*.test.ts`) against the cluster; they get its kubeconfig and nothing else. */
export const suite = defineStep({
  kind: 'suite',
  schema: z.strictObject({ run: z.string().regex(/^(?!\/)(?!.*\.\.)[\w./-]+$/, 'name a folder of the repository') }),
  needs: ['git', 'registry', 'providers', 'workFolder', 'artifacts', 'conformanceTools'],
  deadline: 30 * 60_000,
  late: 'failed',
  async run({ run, stage, world, signal, log, memo }, { run: path }) {
    const folder = join(await world.workFolder(run.id), `suite-${path.replaceAll('/', '-')}`);
    const state = await observeDetached(folder);
    if (state.state === 'running') return goOn(folder, measured.parse(memo).measuredAt);
    if (state.state === 'killed') return { outcome: 'unknown', reason: 'the suite was ended before it could finish' };
    if (state.state === 'ended') return judge(run.id, folder, world.artifacts, log);

    const cluster = await targetOf(run, stage, world);
    const provider = providerOf(cluster, world.providers);
    const { kubectl } = await world.conformanceTools.prepare(log, signal);
    const tests = join(folder, 'tests');
    const from = join(await world.git.repository(run.repository).checkout(run.tree), path);
    await mkdir(join(folder, 'tmp'), { recursive: true });
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
      TMPDIR: join(folder, 'tmp'),
      KUBECONFIG: kubeconfig,
      FAIRWAY_CLUSTER: cluster.id,
      FAIRWAY_POWERS: JSON.stringify(await provider.powers(cluster.local_id)),
    };
    await startDetached(
      folder,
      ['sh', '-c', runAll, 'suite', process.execPath, String(mostOutput), ...files],
      environment,
    );
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

/** Looks now and then whether it fills the disk, which others need, too. */
async function goOn(folder: string, measuredAt: number): Promise<StepOutcome> {
  const now = Date.now();
  const isDue = now - measuredAt >= measureEvery;
  if (isDue && (await folderSize(folder, mostOnDisk)) > mostOnDisk) {
    await stopDetached(folder, 2_000);
    const most = mostOnDisk / megabyte;
    return { outcome: 'failed', reason: `the suite was ended: it has written more than the ${most} MB that it may` };
  }
  const memo = { measuredAt: isDue ? now : measuredAt };
  return { outcome: 'running', progress: await progressOf(folder), retryAfter: 500, memo };
}

/** Whether something can be said for certain: a suite that printed more than is kept is never green, since a failure may be in the rest. */
async function judge(
  runId: string,
  folder: string,
  artifacts: Pick<Artifacts, 'putFile'>,
  log: (text: string) => void,
): Promise<StepOutcome> {
  const counts = { passed: 0, failed: 0, skipped: 0, leftOut: [] as string[] };
  const [reasons, cuts]: [string[], string[]] = [[], []];
  const report = join(folder, 'suite.tap');
  await writeFile(report, '');
  for (const file of await testFiles(join(folder, 'tests'))) {
    const name = file.slice(join(folder, 'tests').length + 1);
    const result = await resultOf(file);
    await appendFile(report, `# ${oneLine(name)}\n`);
    await pipeline(createReadStream(`${file}.tap`), createWriteStream(report, { flags: 'a' }));
    if (result.isCut) {
      cuts.push(
        `${name}: its output was cut: ${mostOutput / megabyte} MB of a suite's are kept, and 50,000 results read`,
      );
      await appendFile(report, `\n# ${cuts.at(-1)}\n`);
    }
    counts.passed += result.passed;
    counts.failed += result.failed;
    counts.skipped += result.skipped;
    counts.leftOut.push(...result.leftOut);
    const isBad = result.code !== '0' || (!result.ok && !result.isCut);
    if (isBad && result.failed === 0) counts.failed++;
    if (isBad || result.failed > 0)
      reasons.push(`${name}: ${result.failures.join(', ') || result.lastWords || 'printed nothing'}`);
    log(`${name}: ${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`);
  }
  await artifacts.putFile(runId, 'suite.tap', report);
  if (counts.failed > 0) return { outcome: 'failed', reason: [...reasons, ...cuts].join('\n'), output: counts };
  if (cuts.length > 0) return { outcome: 'unknown', reason: cuts.join('\n'), output: counts };
  if (counts.passed === 0) return { outcome: 'unknown', reason: 'no test gave a result', output: counts };
  return { outcome: 'succeeded', summary: `${counts.passed} passed, ${counts.skipped} skipped`, output: counts };
}

async function resultOf(file: string): Promise<TapReading & { code: string }> {
  const word = async (path: string): Promise<string> => (await readFile(path, 'utf8').catch(() => '?')).trim();
  const size = await stat(`${file}.tap`).catch(() => undefined);
  if (size === undefined) await writeFile(`${file}.tap`, '');
  const reading = await readTap(`${file}.tap`);
  const isCut = reading.isCut || (size?.size ?? 0) >= Number(await word(`${file}.most`));
  return { ...reading, isCut, code: await word(`${file}.code`) };
}
