import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import t from 'tap';
import { startTestCluster } from '../../adapters/kubernetes/test-cluster.test-fixture.ts';
import { prepareRelease } from '../../adapters/kubernetes-release/prepare-release.ts';
import type { ConformanceResult } from './conformance-state.ts';
import { listSpecs } from './list-specs.ts';
import { observeConformance } from './observe-conformance.ts';
import { conformanceProfiles, pinnedProfile, withoutNodes } from './profile.ts';
import { runFolder } from './run-folder.ts';
import { type StartOptions, startConformance } from './start-conformance.ts';
import { stopConformance } from './stop-conformance.ts';

const signal = AbortSignal.timeout(40 * 60_000);
const scratch = await mkdtemp(join(tmpdir(), 'fairway-conformance-'));
const release = await prepareRelease({
  imageSet: 'none',
  binaries: ['kubectl', 'e2e.test', 'ginkgo'],
  report: (line) => t.comment(line),
  signal,
});
/** Enough for specs that ask the API server only, and quick, also without root. */
const cluster = await startTestCluster({ nodes: 0 });
t.teardown(async () => {
  await cluster.stop();
  await rm(scratch, { recursive: true, force: true });
});

const apiSpecs = [
  '[sig-api-machinery] Discovery should validate PreferredVersion for each APIGroup [Conformance]',
  '[sig-node] ConfigMap should run through a ConfigMap lifecycle [Conformance]',
  '[sig-apps] CronJob should support CronJob API operations [Conformance]',
];
/** Waits for a pod that no kubelet will ever run. */
const endlessSpec = '[sig-node] Pods should get a host IP [NodeConformance] [Conformance]';

const allSpecs = await listSpecs(release.binary('e2e.test'));

async function options(specs: readonly string[]): Promise<StartOptions> {
  return {
    folder: await mkdtemp(join(scratch, 'run-')),
    profile: { ...pinnedProfile('tried', specs), processes: 2 },
    specs: allSpecs,
    kubeconfig: cluster.kubeconfig,
    programs: {
      ginkgo: release.binary('ginkgo'),
      'e2e.test': release.binary('e2e.test'),
      kubectl: release.binary('kubectl'),
    },
  };
}

/** The suite wants one ready node: on paper will do for specs that run no pods. */
async function registerNode(): Promise<void> {
  const config = join(scratch, 'administrator.kubeconfig');
  await writeFile(config, cluster.kubeconfig);
  const kubectl = (args: string[], input = '') =>
    execa(release.binary('kubectl'), ['--kubeconfig', config, ...args], { input });
  await kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'paper' } }));
  const conditions = [
    { type: 'Ready', status: 'True', reason: 'OnPaper', lastHeartbeatTime: new Date().toISOString() },
  ];
  await kubectl(['patch', 'node', 'paper', '--subresource=status', '-p', JSON.stringify({ status: { conditions } })]);
}

async function finished(folder: string): Promise<ConformanceResult> {
  for (;;) {
    const seen = await observeConformance(folder);
    if (seen.state === 'finished') return seen.result;
    await sleep(500, undefined, { signal });
  }
}

t.test("without a node nothing runs, and that is unknown with the suite's own words", async (t) => {
  const run = await options(apiSpecs);
  t.same(await observeConformance(run.folder), { state: 'absent' });
  await startConformance(run);
  const result = await finished(run.folder);
  t.match(result, { verdict: 'unknown', passed: 0, specs: [] });
  t.equal(result.reason, 'the suite could not be run: there are currently no ready, schedulable nodes in the cluster');
});

t.test(
  'a profile is cut to what a control plane without nodes can be asked, which passes there, and says so',
  async (t) => {
    const smoke = conformanceProfiles.smoke.select(allSpecs).length;
    const profile = withoutNodes(conformanceProfiles.smoke, allSpecs);
    const run = { ...(await options([])), profile: { ...profile, processes: 2 } };
    await startConformance(run);
    const result = await finished(run.folder);
    t.match(result, { verdict: 'success', failed: 0, skipped: 0 }, result.reason);
    t.ok(result.passed > 5, `${result.passed} specs ask nothing but the API`);
    t.strictSame(result.leftOut, [
      `${smoke - result.passed} of ${smoke} specs of the profile smoke: they need nodes, and the cluster has none`,
    ]);
  },
);

t.test(
  'a run survives the process that started it, is started once, and another process reads its result',
  async (t) => {
    await registerNode();
    const run = await options(apiSpecs);
    const { folder, kubeconfig, programs } = run;
    const starter = `
    import { pinnedProfile } from ${JSON.stringify(import.meta.resolve('./profile.ts'))};
    import { startConformance } from ${JSON.stringify(import.meta.resolve('./start-conformance.ts'))};
    const profile = { ...pinnedProfile('tried', ${JSON.stringify(apiSpecs)}), processes: 2 };
    await startConformance({ ...${JSON.stringify({ folder, specs: apiSpecs, kubeconfig, programs })}, profile });
    process.stdout.write('started');
    setInterval(() => {}, 60_000);
  `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', starter], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.teardown(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');

    await Promise.all([startConformance(run), startConformance(run)]);
    const result = await finished(run.folder);
    t.match(result, { verdict: 'success', passed: 3, failed: 0, skipped: 0, reason: '3 of 3 specs passed' });
    t.same(result.specs.map((spec) => spec.name).sort(), [...apiSpecs].sort());

    const log = await readFile(runFolder(run.folder).log, 'utf8');
    t.equal(log.match(/^Will run 3 of \d+ specs$/gm)?.length, 1, 'ginkgo ran once');
    await startConformance(run);
    t.same(await finished(run.folder), result, 'starting again after the end changes nothing');
    await t.rejects(stat(runFolder(run.folder).kubeconfig), { code: 'ENOENT' }, 'the credentials are gone');
  },
);

t.test('a spec name that this release does not have is unknown, never passed', async (t) => {
  const gone = '[sig-node] Pods should do what no release does [Conformance]';
  const run = await options([...apiSpecs, gone]);
  await startConformance(run);
  const result = await finished(run.folder);
  t.match(result, { verdict: 'unknown', passed: 3, reason: `1 of 4 specs have no result: ${gone}` });
});

t.test('stopping ends every process of the run, which is then unknown', async (t) => {
  const run = await options([endlessSpec]);
  t.teardown(() => stopConformance(run.folder, { graceMs: 0 }));
  await startConformance(run);
  for (;;) {
    const seen = await observeConformance(run.folder);
    if (seen.state === 'running' && seen.progress.total === 1) break;
    await sleep(200, undefined, { signal });
  }
  await stopConformance(run.folder, { graceMs: 10_000 });
  const result = await finished(run.folder);
  t.match(result, {
    verdict: 'unknown',
    passed: 0,
    // Ginkgo may have noted the interrupted spec as ended before it was killed itself.
    reason: /^the suite was ended before it could finish, after [01] of 1 specs$/,
  });
  const leader = Number(await readFile(runFolder(run.folder).leader, 'utf8'));
  t.throws(() => process.kill(-leader, 0), { code: 'ESRCH' }, 'no process of its group is left');
  await t.rejects(stat(runFolder(run.folder).kubeconfig), { code: 'ENOENT' });
  await stopConformance(run.folder, { graceMs: 0 });
});
