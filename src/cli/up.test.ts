import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { leftovers } from '../adapters/clusters/local/leftovers.ts';
import { writeRecord } from '../adapters/clusters/local/record.ts';
import { openStore } from '../adapters/store/store.ts';
import { sampleRun } from '../api/testing/sample-run.ts';
import { FairwayProcess } from '../resilience/fairway-process.ts';

t.setTimeout(10 * 60_000);

t.test('fairway up says which runs and clusters it takes up, which it removes, and which it leaves', async (t) => {
  const state = await mkdtemp(join(tmpdir(), 'fairway-up-'));
  t.teardown(() => rm(state, { recursive: true, force: true }));
  const store = await openStore(pathToFileURL(join(state, 'fairway.db')).href);
  t.teardown(() => store.close());
  await store.runs.create(sampleRun('pr-7'));
  // As if another worker had it, so that nothing becomes of it while this is looked at.
  await store.runs.lease('pr-7', 'elsewhere', 3_600_000);
  for (const name of ['pr-7', 'pr-6']) {
    await writeRecord(join(state, 'clusters', name), {
      name,
      nodes: 0,
      owner: `run/${name}`,
      expiresAt: null,
      version: '1.34.4',
      block: null,
      ports: { api: 1, etcd: 2, etcdPeer: 3 },
      wasReady: true,
      deleting: false,
    });
  }
  const fairway = await FairwayProcess.start(state, { FAIRWAY_LISTEN: '127.0.0.1:0' });
  t.teardown(() => fairway.kill());
  const told = fairway.output.join('\n');
  t.match(told, 'taking up the run pr-7 (pull request #7 into dev) again, with its cluster');
  await fairway.stop();
  const last = fairway.output.join('\n');
  t.match(last, 'stopping; press Ctrl-C again to leave at once');
  t.match(last, 'left: the local cluster pr-7 of the run pr-7');
  t.match(last, `  fairway clusters delete pr-7 --provider local --state ${state}`);
  t.notMatch(last, 'left: the local cluster pr-6', 'whose run is not known');
  t.same(
    (await leftovers(state)).filter((name) => !name.endsWith('/pr-7')),
    [],
  );
});
