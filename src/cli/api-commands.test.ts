import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { sampleRun, sampleStage, sampleStep } from '../api/testing/sample-run.ts';
import { startServer } from '../api/testing/server-under-test.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** A server with data in it, and the program as its user calls it. */
async function given(t: Test) {
  const server = await startServer(t);
  const folder = await mkdtemp(join(tmpdir(), 'fairway-commands-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const fairway = async (args: string[], env: Record<string, string> = {}) => {
    const { exitCode, stdout, stderr } = await execa(process.execPath, [main, ...args], {
      reject: false,
      env: { FAIRWAY_URL: server.url, FAIRWAY_TOKEN: 'token-of-administrator', FAIRWAY_STATE: folder, ...env },
    });
    return { exitCode, stdout, stderr };
  };
  return { ...server, folder, fairway };
}

t.test('runs are listed, shown, followed and cancelled', async (t) => {
  const { store, fairway, woken } = await given(t);
  await store.runs.create(sampleRun('r1'));
  await store.runs.appendLog('r1', [{ at: 1, stage: 'render', text: '42 objects' }]);
  const list = await fairway(['runs']);
  t.match(list.stdout, /RUN +STATUS +SUBJECT/);
  t.match(list.stdout, /r1 +running +#7 into dev/);
  t.match(JSON.parse((await fairway(['runs', '--live', '--output', 'json'])).stdout), { items: [{ id: 'r1' }] });
  t.match((await fairway(['run', 'r1'])).stdout, /conformance +running .*12 of 25 specs/);
  t.match(await fairway(['cancel', 'r1', '--reason', 'mistake']), { exitCode: 0, stdout: 'r1 is being cancelled' });
  t.same(woken, [{ wake: 'run', id: 'r1' }]);
  t.match(await fairway(['cancel', 'r1']), { exitCode: 1, stderr: /is ending already: .*mistake/ });
  t.match(await fairway(['run', 'r9']), { exitCode: 2, stderr: 'fairway: there is no run r9' });

  const stages = [{ ...sampleStage('render', 'failed', [sampleStep('render', 'failed')]), reason: 'no such key' }];
  await store.runs.create(sampleRun('r2', { status: 'failed', reason: 'render: no such key', stages }));
  await store.runs.appendLog('r2', [{ at: 1, stage: 'render', text: 'looking' }]);
  t.match(await fairway(['run', 'r2', '--follow']), {
    exitCode: 1,
    stderr: /render +looking/,
    stdout: /status +failed: render: no such key/,
  });
});

t.test('channels are held with a reason, and go on', async (t) => {
  const { store, fairway } = await given(t);
  await store.channels.claim({
    repository: 'acme/config',
    channel: 'dev',
    branch: 'dev',
    runId: 'r1',
    sha: 'a'.repeat(40),
  });
  t.match((await fairway(['channels'])).stdout, /dev +rolling out: r1/);
  t.match((await fairway(['hold', 'dev', '--reason', 'sale today'])).stdout, /dev is on hold: .*: sale today/);
  t.match((await fairway(['channels'])).stdout, /on hold: .*sale today/);
  t.match((await fairway(['resume', 'dev'])).stdout, 'dev is not on hold any more');
  t.match(await fairway(['hold', 'qa', '--reason', 'x']), { exitCode: 2, stderr: /no channel qa; known: dev/ });
});

t.test('clusters are registered from a file', async (t) => {
  const { folder, fairway, store } = await given(t);
  const file = join(folder, 'clusters.yaml');
  const one =
    '{id: shop-1, alias: shop-1, local_id: shop-1, channel: dev, provider: existing, api_server_url: "https://a.b"}';
  await writeFile(file, `clusters:\n  - ${one}\n`);
  t.match((await fairway(['registry', 'apply', file])).stdout, /shop-1 +dev +ready +existing/);
  t.match((await fairway(['registry', 'list', '--channel', 'dev'])).stdout, /shop-1/);
  t.match(JSON.parse((await fairway(['registry', 'get', 'shop-1'])).stdout), { id: 'shop-1', channel: 'dev' });
  await store.clusters.update('shop-1', (record) => ({
    ...record,
    status: { ...record.status, current_version: 'abc#1' },
  }));
  t.match((await fairway(['registry', 'apply', file])).stdout, /shop-1 .*abc#1/, 'what it runs is not forgotten');
});

t.test('whoever has no token, the wrong one or no server is told what to do', async (t) => {
  const { fairway } = await given(t);
  t.match(await fairway(['runs'], { FAIRWAY_TOKEN: '' }), {
    exitCode: 2,
    stderr: /there is no token: set FAIRWAY_TOKEN/,
  });
  t.match(await fairway(['runs'], { FAIRWAY_TOKEN: 'guessed' }), { exitCode: 2, stderr: /the token is not valid/ });
  t.match(await fairway(['runs'], { FAIRWAY_URL: 'http://127.0.0.1:1' }), {
    exitCode: 3,
    stderr: /no Fairway answers at http:\/\/127.0.0.1:1 .*: start it with fairway up/,
  });
  t.match(await fairway(['pr', 'list']), { exitCode: 2, stderr: /no Fairway has run with the state folder/ });
});
