import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { writeConfigRepository } from './init.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Two config repositories as `fairway init` writes them, and the program as its user calls it. */
async function given(t: Test) {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-prove-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const [base, head] = [join(folder, 'base'), join(folder, 'head')];
  await Promise.all([base, head].map(writeConfigRepository));
  const prove = (...args: string[]) =>
    execa(
      process.execPath,
      [main, 'prove', '--base', base, '--head', head, '--state', join(folder, 'state'), ...args],
      {
        reject: false,
      },
    );
  return { head, prove };
}

t.test('a proof until render makes no cluster, and says nothing of removing one', async (t) => {
  const { prove } = await given(t);
  const told = await prove('--until', 'render');
  t.match(told.stdout, /^render +success .*\nsuccess$/, 'one stage and the verdict');
  t.equal(told.exitCode, 0);
  const { stdout, stderr } = await prove('--until', 'render', '--output', 'json');
  t.match(JSON.parse(stdout), { verdict: 'success', stages: [{ stage: 'render' }] });
  t.equal(JSON.parse(stdout).stages.length, 1);
  t.notMatch(stderr, /teardown|cluster prove-/);
});

t.test('a proof that ends before its cluster says that none was made', async (t) => {
  const { head, prove } = await given(t);
  await writeFile(join(head, 'cluster/manifests/limits/broken.yaml'), 'kind: {{ .Cluster.NoSuchField }}\n');
  const { stdout, exitCode } = await prove();
  t.equal(exitCode, 1);
  t.match(stdout, /^render +failure /);
  t.match(stdout, /^base +unknown .* render failed$/m);
  t.match(stdout, /^teardown +success .* no cluster was made$/m);
});

t.test('a stage that is not in the pipeline is refused with those that are', async (t) => {
  const { prove } = await given(t);
  const { stderr, exitCode } = await prove('--until', 'deploy');
  t.equal(exitCode, 2);
  t.match(stderr, 'there is no stage "deploy"; there are render, base, upgrade, conformance, e2e, teardown');
});
