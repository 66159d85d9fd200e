import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { sampleRun } from '../api/testing/sample-run.ts';
import { clearWorkFolders } from './clear-work-folders.ts';

t.test('work folders of ended runs go, however many runs came since; others stay', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-work-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const ended = Array.from({ length: 60 }, (_, index) => `ended-${index}`);
  for (const id of [...ended, 'live', 'of-nobody']) await mkdir(join(folder, id, 'conformance'), { recursive: true });
  const world = {
    workFolder: async (id: string) => join(folder, id),
    workFolders: () => readdir(folder),
  };
  const runs = {
    get: async (id: string) =>
      id === 'of-nobody' ? undefined : sampleRun(id, { status: id === 'live' ? 'running' : 'succeeded' }),
  };
  await clearWorkFolders(world, runs);
  t.same((await readdir(folder)).sort(), ['live', 'of-nobody']);
});
