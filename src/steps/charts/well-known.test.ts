import t from 'tap';
import { startTestCluster } from '../../adapters/kubernetes/test-cluster.test-fixture.ts';
import { liveThrough } from './life.test-fixture.ts';
import { moduleFolder } from './module-files.test-fixture.ts';
import { further, representative } from './well-known.test-fixture.ts';

t.setTimeout(20 * 60_000);
const cluster = await startTestCluster({ nodes: 0 });
t.teardown(() => cluster.stop());

/** A part of a name, or `all`. */
const wanted = process.env.FAIRWAY_CHARTS;
const all = [...representative, ...further];
const chosen =
  wanted === undefined ? representative : all.filter(({ name }) => wanted === 'all' || name.includes(wanted));

for (const { name, from, to, put, ...life } of chosen) {
  t.test(name, { timeout: 10 * 60_000 }, async (t) => {
    const [before, after] = [await moduleFolder(from), await moduleFolder(to)];
    if ('unavailable' in before) return t.comment(`SKIPPED ${name}: ${before.unavailable}`);
    if ('unavailable' in after) return t.comment(`SKIPPED ${name}: ${after.unavailable}`);
    await liveThrough(t, cluster.kubeconfig, {
      ...life,
      installed: await put(before.folder, before.version),
      upgraded: await put(after.folder, after.version),
    });
  });
}
