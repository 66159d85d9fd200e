import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Octokit } from '@octokit/rest';
import { execa } from 'execa';
import { chromium } from 'playwright-core';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { lookAtHost } from '../adapters/clusters/local/host.ts';
import { prepareRelease } from '../adapters/kubernetes-release/prepare-release.ts';
import { findChromium } from '../ui/testing/find-chromium.ts';

t.setTimeout(15 * 60_000);

const shim = fileURLToPath(new URL('../../bin/fairway.js', import.meta.url));
const { realNodes } = (await lookAtHost()).powers;

/** The demo as its user starts it, in a temporary folder of its own. */
async function startDemo(t: Test) {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-story-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const demo = spawn(process.execPath, [shim, 'demo', '--keep', '--output', 'json'], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => demo.kill('SIGKILL'));
  const exited = once(demo, 'exit');
  const told: string[] = [];
  const printed: string[] = [];
  createInterface({ input: demo.stdout }).on('line', (line) => printed.push(line));
  const up = new Promise<void>((resolve) => {
    createInterface({ input: demo.stderr }).on('line', (line) => {
      told.push(line);
      if (line.includes('everything stays up')) resolve();
    });
  });
  await Promise.race([up, exited]);
  return { folder, told, printed, exited, interrupt: () => demo.kill('SIGINT') };
}

t.test('the whole story, from a push to three channels', { skip: !realNodes && 'needs real nodes' }, async (t) => {
  const demo = await startDemo(t);
  const told = demo.told.join('\n');
  const [, url = '', forge = '', state = ''] =
    /Fairway is at (\S+), its forge at (\S+), its state in (\S+)/.exec(told) ?? [];
  t.ok(url, told.slice(-2_000));
  const secrets = z
    .object({ apiToken: z.string(), userToken: z.string() })
    .parse(JSON.parse(await readFile(join(state, 'secrets.json'), 'utf8')));
  await t.test('commands find it by its state folder alone', async (t) => {
    const { FAIRWAY_URL: _url, FAIRWAY_LISTEN: _listen, ...env } = process.env;
    const command = (...args: string[]) =>
      execa(process.execPath, [shim, ...args, '--state', state, '--output', 'json'], { env, extendEnv: false });
    t.match(JSON.parse((await command('channels')).stdout).items, { length: 3 });
    t.match(JSON.parse((await command('pr', 'list')).stdout), { length: 2 }, 'the bad ones are still open');
  });
  await t.test('what the pull requests say', (t) => whatThePullRequestsSay(t, forge, secrets.userToken));
  await t.test('the change is on the clusters of all channels', (t) => onAllClusters(t, state));
  await t.test("the run's page in a browser", (t) => theRunsPage(t, url, secrets.apiToken));

  demo.interrupt();
  t.equal((await demo.exited)[0], 0, demo.told.slice(-5).join('\n'));
  const result = JSON.parse(demo.printed.at(-1) ?? '{}');
  const [good, crash, refused] = result.pullRequests;
  t.match(good, { number: 1, verdict: 'success' });
  const conformance = good.stages.find(({ stage }: { stage: string }) => stage === 'conformance');
  t.match(conformance, { verdict: 'success', failed: 0, skipped: 0 });
  t.ok(conformance.passed >= 25, `${conformance.passed} official specs`);
  t.match(crash, {
    number: 2,
    verdict: 'failure',
    stage: 'upgrade',
    reason: /^Deployment default\/sample-application: /,
  });
  t.match(crash.reason, /last words of web:\n\s+Error: unknown command "netexek"/);
  t.match(refused, {
    number: 3,
    verdict: 'failure',
    stage: 'upgrade',
    reason: /^LimitRange default\/limits \(.*limits.yaml:\d+\) was refused: /,
  });
  const channels = z
    .record(z.string(), z.object({ converged: z.literal(true), tree: z.string(), revision: z.string() }))
    .parse(result.channels);
  t.strictSame(Object.keys(channels), ['dev', 'alpha', 'stable']);
  t.equal(new Set(Object.values(channels).map(({ tree }) => tree)).size, 1, 'one tree in all channels');
  t.match(result, { reusedEvidence: 2, leftovers: [] });
  t.strictSame(await readdir(demo.folder), [], 'no temporary file is left');
  const { stdout: processes } = await execa('ps', ['-eo', 'args']);
  t.notOk(processes.includes(demo.folder), 'no process is left');
});

async function whatThePullRequestsSay(t: Test, forge: string, token: string): Promise<void> {
  const octokit = new Octokit({ baseUrl: `${forge}/api/v3`, auth: token });
  const place = { owner: 'fairway', repo: 'config' };
  const verdicts: Record<number, string> = { 1: 'success', 2: 'failure', 3: 'failure', 4: 'success', 5: 'success' };
  for (const [number, verdict] of Object.entries(verdicts)) {
    const { data: pull } = await octokit.rest.pulls.get({ ...place, pull_number: Number(number) });
    const gate = await decidedGate(octokit, pull.head.sha);
    t.equal(gate?.state, verdict, `#${number} ${gate?.description}`);
    t.equal(pull.merged, verdict === 'success', `#${number} is merged only when it was proven`);
    const { data: comments } = await octokit.rest.issues.listComments({ ...place, issue_number: Number(number) });
    t.equal(comments.length, 1, `#${number} has one comment`);
  }
  const { data: comments } = await octokit.rest.issues.listComments({ ...place, issue_number: 1 });
  const body = comments[0]?.body ?? '';
  for (const part of ['35 conformance specs passed', 'What changes in the clusters', 'LimitRange', '| `upgrade` | ✅'])
    t.ok(body.includes(part), `the comment says: ${part}`);
  const { data: pull } = await octokit.rest.pulls.get({ ...place, pull_number: 1 });
  const { data: checks } = await octokit.rest.checks.listForRef({ ...place, ref: pull.head.sha });
  const { data: combined } = await octokit.rest.repos.getCombinedStatusForRef({ ...place, ref: pull.head.sha });
  const names = [...checks.check_runs.map(({ name }) => name), ...combined.statuses.map(({ context }) => context)];
  for (const stage of ['render', 'base', 'upgrade', 'conformance', 'e2e', 'teardown'])
    t.equal(names.filter((name) => name === `fairway/${stage}`).length, 1, `one report of ${stage}`);
  const { data: deployments } = await octokit.rest.repos.listDeployments(place);
  t.strictSame([...new Set(deployments.map(({ environment }) => environment))].sort(), ['alpha', 'dev', 'stable']);
}

/** The merges moved dev, so that what is still open is being proven anew against it. */
async function decidedGate(octokit: Octokit, ref: string) {
  for (const deadline = AbortSignal.timeout(5 * 60_000); ; await sleep(500, undefined, { signal: deadline })) {
    const { data } = await octokit.rest.repos.getCombinedStatusForRef({ owner: 'fairway', repo: 'config', ref });
    const gate = data.statuses.find(({ context }) => context === 'fairway/gate');
    if (gate?.state !== 'pending') return gate;
  }
}

async function onAllClusters(t: Test, state: string): Promise<void> {
  const signal = AbortSignal.timeout(60_000);
  const release = await prepareRelease({ imageSet: 'none', binaries: ['kubectl'], report: () => {}, signal });
  for (const name of ['dev-1', 'alpha-1', 'stable-1']) {
    const kubeconfig = join(state, 'clusters', name, 'control-plane', 'admin.kubeconfig');
    const kubectl = async (...args: string[]): Promise<string> =>
      (await execa(release.binary('kubectl'), ['--kubeconfig', kubeconfig, ...args])).stdout;
    const version = '-o=jsonpath={.metadata.labels.version} {.status.readyReplicas}';
    t.equal(await kubectl('get', 'deployment', 'sample-application', version), '1.1.0 2', name);
    t.match(await kubectl('get', 'limitrange', 'volumes', '-o=jsonpath={.spec.limits[0].max.storage}'), '1Ti', name);
  }
}

async function theRunsPage(t: Test, url: string, token: string): Promise<void> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    t.comment('SKIPPED: no Chromium on PATH');
    return;
  }
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
  const browser = await chromium.launch({ executablePath, args });
  t.teardown(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1280, height: 1400 } });
  await page.goto(`${url}/login#token=${token}`);
  await page.getByRole('link', { name: /#1 into dev/ }).click();
  await page.getByRole('heading', { name: '#1 into dev' }).waitFor();
  const results = page.getByRole('region', { name: 'conformance', exact: true });
  t.match(await results.textContent(), /35 passed/);
  await page.getByRole('region', { name: 'Changes' }).getByText('LimitRange default/volumes').waitFor();
  await page.getByRole('link', { name: 'conformance.junit.xml' }).waitFor();
  await page
    .getByRole('region', { name: 'Log' })
    .getByText(/35 specs passed/)
    .first()
    .waitFor();
  if (process.env.SCREENSHOTS)
    await writeFile(join(process.env.SCREENSHOTS, 'story-run.png'), await page.screenshot({ fullPage: true }));
}
