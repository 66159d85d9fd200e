import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import t from 'tap';
import { leftovers } from '../adapters/clusters/local/leftovers.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
t.setTimeout(10 * 60_000);

t.test('a cluster is made, listed, reached and deleted by hand', async (t) => {
  const state = await mkdtemp(join(tmpdir(), 'fairway-by-hand-'));
  const clusters = (...args: string[]) =>
    execa(process.execPath, [main, 'clusters', ...args, '--state', state], { reject: false });
  t.teardown(async () => {
    await clusters('delete', 'try');
    await rm(state, { recursive: true, force: true });
  });

  t.match(await clusters('list'), { exitCode: 0, stdout: 'no clusters' });
  const made = await clusters('create', 'try', '--nodes', '0');
  t.match(made, { exitCode: 0, stdout: /^try is ready\n/ });
  t.match(made.stderr, /^try is being made: the API server does not answer yet$|^try is being made: kube-/m);
  t.match(JSON.parse((await clusters('list', '--output', 'json')).stdout), {
    clusters: [{ name: 'try', owner: 'command line', state: { phase: 'ready' } }],
  });
  t.match(await clusters('kubeconfig', 'try'), { exitCode: 0, stdout: /current-context: try/ });

  t.match(await clusters('create', 'Try'), { exitCode: 2, stderr: /^fairway: "Try" is no name for a cluster/ });
  t.match(await clusters('create', 'more', '--nodes', 'two'), { exitCode: 2, stderr: /^fairway: --nodes two: give/ });
  t.match(await clusters('kubeconfig', 'other'), {
    exitCode: 2,
    stderr: 'fairway: There is no local cluster other. Clusters here: try.',
  });
  t.match(await clusters('list', '--provider', 'docker'), {
    exitCode: 2,
    stderr: 'fairway: "docker" is no cluster provider; there are local, kind, existing.',
  });

  t.match(await clusters('delete', 'try'), { exitCode: 0, stdout: 'try is absent' });
  t.same(await leftovers(state), []);
});
