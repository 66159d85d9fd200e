import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { build } from 'vite';
import { sampleRun, sampleStage, sampleStep } from '../api/testing/sample-run.ts';
import { startServer } from '../api/testing/server-under-test.ts';
import { cluster } from '../domain/cluster.ts';
import type { Run } from '../domain/run.ts';
import type { Store } from '../ports/store.ts';
import { findChromium } from './testing/find-chromium.ts';

t.setTimeout(240_000);

const executablePath = findChromium();

t.test(
  'the pages in a browser',
  { skip: executablePath ? false : 'no Chromium on PATH; install it to run these' },
  async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'fairway-ui-'));
    t.teardown(() => rm(directory, { recursive: true, force: true }));
    const configFile = fileURLToPath(new URL('vite.config.ts', import.meta.url));
    await build({ configFile, logLevel: 'warn', build: { outDir: directory } });
    const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
    const browser = await chromium.launch({ executablePath: executablePath ?? '', args });
    t.teardown(() => browser.close());

    await t.test('someone without a session signs in, and the token leaves the address', async (t) => {
      const { page, url } = await opened(t, browser, directory, '/channels', undefined);
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await page.getByLabel('Token').fill('guessed');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('nobody has this token').waitFor();
      const answer = await page.goto(`${url}/login?#token=token-of-viewer`);
      t.match(answer?.headers()['content-security-policy'], "default-src 'self'");
      await page.getByText('No runs yet. Open a pull request').waitFor();
      t.notMatch(page.url(), 'token');
      t.equal(new URL(page.url()).pathname, '/');
      const [{ name, value } = { name: '', value: '' }] = await page.context().cookies();
      t.equal(name, 'fairway_session');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      const kept = await fetch(`${url}/api/v1/me`, { headers: { cookie: `${name}=${value}` } });
      t.equal(kept.status, 401, 'the session has ended for good');
    });

    await t.test('a run is followed live, from the list to its end', async (t) => {
      const { page, store, artifacts, errors } = await opened(
        t,
        browser,
        directory,
        '/',
        async ({ store, artifacts }) => {
          await store.runs.create(sampleRun('r1'));
          await artifacts.put('r1', 'diff.json', JSON.stringify(changes));
          await say(store, 'render', 'rendered 42 objects');
        },
      );
      await page.getByRole('link', { name: /#7 into dev/ }).click();
      await page.getByRole('heading', { name: '#7 into dev' }).waitFor();
      await page.getByText('12 of 25 specs').waitFor();
      const log = page.getByRole('region', { name: 'Log' });
      await log.getByText(/render: rendered 42 objects/).waitFor();
      await say(store, 'conformance', 'ginkgo: 13 of 25');
      await log.getByText(/ginkgo: 13 of 25/).waitFor();
      await page.getByRole('button', { name: /^render/ }).click();
      await log.getByText(/ginkgo/).waitFor({ state: 'detached' });
      await page.getByRole('button', { name: /^render/ }).click();

      await artifacts.put('r1', 'diff.json', JSON.stringify(changes));
      await artifacts.put('r1', 'conformance.log', 'lines');
      await become(store, failed);
      await page.getByRole('heading', { name: 'Log complete' }).waitFor();
      await page.getByRole('button', { name: 'Retry' }).waitFor();
      const results = page.getByRole('region', { name: 'conformance', exact: true });
      t.match(await results.textContent(), /1 passed 1 failed 0 skipped/);
      await page.getByText('left out: no load balancers here').waitFor();
      t.equal(await results.getByRole('row').count(), 1, 'the failed ones first');
      await results.getByRole('combobox').selectOption('');
      t.equal(await results.getByRole('row').count(), 2);
      const diff = page.getByRole('region', { name: 'Changes' });
      t.match(await diff.textContent(), /~ Deployment web\/shop.*replicas23/s);
      await page.getByRole('link', { name: 'conformance.log' }).waitFor();
      if (process.env.SCREENSHOTS)
        await page.screenshot({ path: join(process.env.SCREENSHOTS, 'run.png'), fullPage: true });
      t.same(errors, []);
    });

    await t.test('an operator ends a run and holds a channel', async (t) => {
      const { page, store } = await opened(t, browser, directory, '/runs/r1', async ({ store }) => {
        await store.runs.create(sampleRun('r1'));
        await store.channels.claim({
          repository: 'acme/config',
          channel: 'dev',
          branch: 'dev',
          runId: 'r1',
          sha: 'a'.repeat(40),
        });
      });
      page.on('dialog', (dialog) => void dialog.accept('too slow'));
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByText('cancelled by the operator: too slow').waitFor();
      await page.getByRole('link', { name: 'Channels' }).click();
      await page.getByRole('button', { name: 'Hold' }).click();
      await page.getByText('Held: the operator: too slow').waitFor();
      await page.getByRole('button', { name: 'Resume' }).click();
      await page.getByRole('button', { name: 'Hold' }).waitFor();
      t.equal((await store.audit.list(10)).length, 3);
    });

    await t.test('every page fits a phone, in the dark as well', async (t) => {
      const { page, errors } = await opened(t, browser, directory, '/', async ({ store, artifacts }) => {
        await store.runs.create(sampleRun('r1', failed));
        await store.channels.claim({
          repository: 'acme/config',
          channel: 'dev',
          branch: 'dev',
          runId: 'r1',
          sha: 'a'.repeat(40),
        });
        await store.clusters.put(cluster.parse(lasting));
        await artifacts.put('r1', 'diff.json', JSON.stringify(changes));
      });
      await page.setViewportSize({ width: 360, height: 740 });
      await page.emulateMedia({ colorScheme: 'dark' });
      for (const [path, word] of [
        ['/', '#7 into dev'],
        ['/runs/r1', 'replicas'],
        ['/channels', 'Rolling out'],
        ['/clusters', 'kube-1'],
      ] as const) {
        await page.goto(new URL(path, page.url()).href);
        await page.getByText(word).first().waitFor();
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        t.ok(wide <= 0, `${path} has no sideways scrolling`);
        if (process.env.SCREENSHOTS) {
          const name = `phone${path.replaceAll('/', '-')}.png`;
          await page.screenshot({ path: join(process.env.SCREENSHOTS, name), fullPage: true });
        }
      }
      t.same(errors, []);
    });
  },
);

/** A page of a server of its own, signed in as an operator when there is something to prepare. */
async function opened(
  t: Test,
  browser: Browser,
  directory: string,
  path: string,
  prepare: ((server: Awaited<ReturnType<typeof startServer>>) => Promise<void>) | undefined,
) {
  const server = await startServer(t, { uiDirectory: directory });
  const context = await browser.newContext();
  t.teardown(() => context.close());
  context.setDefaultTimeout(30_000);
  const page: Page = await context.newPage();
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));
  if (prepare) {
    await prepare(server);
    await context.request.post(`${server.url}/login`, { form: { token: 'token-of-operator' } });
  }
  await page.goto(`${server.url}${path}`);
  return { ...server, page, errors };
}

function say(store: Store, stage: string, text: string): Promise<void> {
  return store.runs.appendLog('r1', [{ at: Date.now(), stage, text }]);
}

async function become(store: Store, change: Partial<Run>): Promise<void> {
  await store.runs.lease('r1', 'w', 60_000);
  await store.runs.save(sampleRun('r1', change), 'w');
  await store.runs.release('r1', 'w');
}

const failed: Partial<Run> = {
  status: 'failed',
  reason: 'conformance: 1 of 2 specs failed: [sig-network] Services should serve a basic endpoint from pods',
  finishedAt: Date.UTC(2026, 4, 1, 12, 9),
  stages: [
    sampleStage('render', 'succeeded', [sampleStep('render', 'succeeded'), sampleStep('diff', 'succeeded')]),
    sampleStage('conformance', 'failed', [
      {
        ...sampleStep('conformance', 'failed', {
          passed: 1,
          failed: 1,
          skipped: 0,
          specs: [
            { name: '[sig-apps] Deployment should run', outcome: 'passed', seconds: 3.25, reason: '' },
            {
              name: '[sig-network] Services should serve a basic endpoint from pods',
              outcome: 'failed',
              seconds: 61,
              reason: 'Expected endpoints within 60s,\nfound none',
            },
          ],
          leftOut: ['no load balancers here'],
        }),
        reason: '1 of 2 specs failed',
      },
    ]),
    sampleStage('teardown', 'succeeded', [sampleStep('delete-cluster', 'succeeded')]),
  ],
};

const changes = {
  clusterIds: ['kube-1'],
  changes: [
    {
      clusterIds: ['kube-1'],
      change: {
        change: 'changed',
        ref: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'web', name: 'shop' },
        file: 'manifests/shop/deployment.yaml',
        fields: [{ path: 'spec.replicas', before: 2, after: 3 }],
      },
    },
  ],
};

const lasting = {
  id: 'aws:123456789012:eu-central-1:kube-1',
  alias: 'kube-1',
  local_id: 'kube-1',
  api_server_url: 'https://kube-1.example.org',
  channel: 'dev',
  provider: 'local',
  status: {
    current_version: 'a'.repeat(64),
    problems: [{ type: 'x', title: 'Deployment web/shop: 1 of 3 replicas ready' }],
  },
};
